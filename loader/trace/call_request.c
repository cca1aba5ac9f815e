/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests whose number does not say what their argument is, or whose argument has a form. The
 * names are those of include/uapi: asm-generic/ioctls.h, linux/sockios.h, linux/fs.h,
 * linux/if_tun.h.
 */
#include <string.h>

#include "loader/trace/call_request.h"

/* NULL: nothing. A request that has neither is given a number. */
struct request_row {
	uint64_t number;      /* of the map: enum call_requests << 32 | request */
	const char *in, *out; /* types of call_types.c, by their names */
};

#define FCNTL(command)    ((uint64_t)CALL_OF_FCNTL << 32 | (command))
#define FCNTL_32(command) ((uint64_t)CALL_OF_FCNTL_32 << 32 | (command))

/* clang-format off */
static const struct request_row rows[] = {
	{ 0x5401, NULL, "termios" },      /* TCGETS */
	{ 0x5402, "termios", NULL },      /* TCSETS */
	{ 0x5403, "termios", NULL },      /* TCSETSW */
	{ 0x5404, "termios", NULL },      /* TCSETSF */
	{ 0x5405, NULL, "termio" },       /* TCGETA */
	{ 0x5406, "termio", NULL },       /* TCSETA */
	{ 0x5407, "termio", NULL },       /* TCSETAW */
	{ 0x5408, "termio", NULL },       /* TCSETAF */
	{ 0x540f, NULL, "int32" },        /* TIOCGPGRP */
	{ 0x5410, "int32", NULL },        /* TIOCSPGRP */
	{ 0x5411, NULL, "int32" },        /* TIOCOUTQ */
	{ 0x5412, "bytes", NULL },        /* TIOCSTI */
	{ 0x5413, NULL, "winsize" },      /* TIOCGWINSZ */
	{ 0x5414, "winsize", NULL },      /* TIOCSWINSZ */
	{ 0x5415, NULL, "hex32" },        /* TIOCMGET */
	{ 0x5416, "hex32", NULL },        /* TIOCMBIS */
	{ 0x5417, "hex32", NULL },        /* TIOCMBIC */
	{ 0x5418, "hex32", NULL },        /* TIOCMSET */
	{ 0x5419, NULL, "int32" },        /* TIOCGSOFTCAR */
	{ 0x541a, "int32", NULL },        /* TIOCSSOFTCAR */
	{ 0x541b, NULL, "int32" },        /* FIONREAD */
	{ 0x5420, "int32", NULL },        /* TIOCPKT */
	{ 0x5421, "int32", NULL },        /* FIONBIO */
	{ 0x5423, "int32", NULL },        /* TIOCSETD */
	{ 0x5424, NULL, "int32" },        /* TIOCGETD */
	{ 0x5429, NULL, "int32" },        /* TIOCGSID */
	{ 0x5452, "int32", NULL },        /* FIOASYNC */
	{ 0x5460, NULL, "loff" },         /* FIOQSIZE */
	{ 0x802c542a, NULL, "termios2" }, /* TCGETS2 */
	{ 0x402c542b, "termios2", NULL }, /* TCSETS2 */
	{ 0x402c542c, "termios2", NULL }, /* TCSETSW2 */
	{ 0x402c542d, "termios2", NULL }, /* TCSETSF2 */
	{ 0x80045430, NULL, "uint32" },   /* TIOCGPTN */
	{ 0x40045431, "int32", NULL },    /* TIOCSPTLCK */
	{ 0x80045438, NULL, "int32" },    /* TIOCGPKT */
	{ 0x80045439, NULL, "int32" },    /* TIOCGPTLCK */
	{ 0x80045440, NULL, "int32" },    /* TIOCGEXCL */
	{ 0x8901, "int32", NULL },        /* FIOSETOWN */
	{ 0x8902, "int32", NULL },        /* SIOCSPGRP */
	{ 0x8903, NULL, "int32" },        /* FIOGETOWN */
	{ 0x8904, NULL, "int32" },        /* SIOCGPGRP */
	{ 0x8905, NULL, "int32" },        /* SIOCATMARK */
	{ 0x8910, "ifreq_index", "ifreq_index" },  /* SIOCGIFNAME */
	{ 0x8912, "ifconf", "ifconf" },            /* SIOCGIFCONF */
	{ 0x8913, "ifreq_name", "ifreq_flags" },   /* SIOCGIFFLAGS */
	{ 0x8914, "ifreq_flags", NULL },           /* SIOCSIFFLAGS */
	{ 0x8915, "ifreq_name", "ifreq_addr" },    /* SIOCGIFADDR */
	{ 0x8916, "ifreq_addr", NULL },            /* SIOCSIFADDR */
	{ 0x8917, "ifreq_name", "ifreq_addr" },    /* SIOCGIFDSTADDR */
	{ 0x8918, "ifreq_addr", NULL },            /* SIOCSIFDSTADDR */
	{ 0x8919, "ifreq_name", "ifreq_addr" },    /* SIOCGIFBRDADDR */
	{ 0x891a, "ifreq_addr", NULL },            /* SIOCSIFBRDADDR */
	{ 0x891b, "ifreq_name", "ifreq_addr" },    /* SIOCGIFNETMASK */
	{ 0x891c, "ifreq_addr", NULL },            /* SIOCSIFNETMASK */
	{ 0x8921, "ifreq_name", "ifreq_mtu" },     /* SIOCGIFMTU */
	{ 0x8922, "ifreq_mtu", NULL },             /* SIOCSIFMTU */
	{ 0x8923, "ifreq_newname", NULL },         /* SIOCSIFNAME */
	{ 0x8924, "ifreq_hwaddr", NULL },          /* SIOCSIFHWADDR */
	{ 0x8927, "ifreq_name", "ifreq_hwaddr" },  /* SIOCGIFHWADDR */
	{ 0x8933, "ifreq_name", "ifreq_index" },   /* SIOCGIFINDEX */
	{ 0x400454ca, "ifreq_flags", "ifreq_flags" }, /* TUNSETIFF: of the size of an int, it says */
	{ 0x125d, "int32", NULL },        /* BLKROSET */
	{ 0x125e, NULL, "int32" },        /* BLKROGET */
	{ 0x1268, NULL, "int32" },        /* BLKSSZGET */
	{ 0x80081272, NULL, "size" },     /* BLKGETSIZE64 */
	{ 0x80041272, NULL, "size" },     /* of i386 */
	{ 0x1, "int32", "int32" },        /* FIBMAP */
	{ 0x2, NULL, "int32" },           /* FIGETBSZ */
	{ 0x80086601, NULL, "hex32" },    /* FS_IOC_GETFLAGS: of the size of a long, it says */
	{ 0x40086602, "hex32", NULL },    /* FS_IOC_SETFLAGS */
	{ 0x80046601, NULL, "hex32" },    /* FS_IOC32_GETFLAGS */
	{ 0x40046602, "hex32", NULL },    /* FS_IOC32_SETFLAGS */
	{ 0x80045200, NULL, "int32" },    /* RNDGETENTCNT */
	{ 0x40045201, "int32", NULL },    /* RNDADDTOENTCNT */
	{ FCNTL(5), "flock", "flock" },   /* F_GETLK */
	{ FCNTL(6), "flock", NULL },      /* F_SETLK */
	{ FCNTL(7), "flock", NULL },      /* F_SETLKW */
	{ FCNTL(36), "flock", "flock" },  /* F_OFD_GETLK */
	{ FCNTL(37), "flock", NULL },     /* F_OFD_SETLK */
	{ FCNTL(38), "flock", NULL },     /* F_OFD_SETLKW */
	{ FCNTL(15), "f_owner_ex", NULL }, /* F_SETOWN_EX */
	{ FCNTL(16), NULL, "f_owner_ex" }, /* F_GETOWN_EX */
	{ FCNTL_32(5), "flock_32", "flock_32" },      /* F_GETLK */
	{ FCNTL_32(6), "flock_32", NULL },            /* F_SETLK */
	{ FCNTL_32(7), "flock_32", NULL },            /* F_SETLKW */
	{ FCNTL_32(12), "flock64_32", "flock64_32" }, /* F_GETLK64 */
	{ FCNTL_32(13), "flock64_32", NULL },         /* F_SETLK64 */
	{ FCNTL_32(14), "flock64_32", NULL },         /* F_SETLKW64 */
	{ FCNTL_32(36), "flock64_32", "flock64_32" }, /* F_OFD_GETLK */
	{ FCNTL_32(37), "flock64_32", NULL },         /* F_OFD_SETLK */
	{ FCNTL_32(38), "flock64_32", NULL },         /* F_OFD_SETLKW */
	{ FCNTL_32(15), "f_owner_ex", NULL },         /* F_SETOWN_EX */
	{ FCNTL_32(16), NULL, "f_owner_ex" },         /* F_GETOWN_EX */
	/* Numbers, although theirs says that they point to one. */
	{ 0x40049409, NULL, NULL },       /* FICLONE */
	{ 0x40042408, NULL, NULL },       /* PERF_EVENT_IOC_SET_BPF */
	{ 0x40044590, NULL, NULL },       /* EVIOCGRAB */
	{ 0x40044591, NULL, NULL },       /* EVIOCREVOKE */
	{ 0x40045564, NULL, NULL },       /* UI_SET_EVBIT */
	{ 0x40045565, NULL, NULL },       /* UI_SET_KEYBIT */
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(ROWS <= CALL_REQUESTS, "the map has too few rows");

/* include/uapi/asm-generic/ioctl.h */
#define WRITES   0x40000000
#define READS    0x80000000
#define SIZE(of) ((of) >> 16 & 0x3fff)

static const struct request_row *row_find(uint64_t request)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].number == request)
			return &rows[i];
	return NULL;
}

static const struct call_type *type_of(const char *name)
{
	return name ? call_type_find(name, strlen(name)) : NULL;
}

static unsigned int bytes_of(const char *name)
{
	return name ? type_of(name)->size : 0;
}

size_t call_request_count(void)
{
	return ROWS;
}

uint64_t call_request_get(size_t index, struct call_request *ret)
{
	*ret = (struct call_request){ .in = bytes_of(rows[index].in),
		                      .out = bytes_of(rows[index].out) };
	return rows[index].number;
}

unsigned int call_request_when(uint64_t request)
{
	const struct request_row *row = row_find(request);

	if (row)
		return (row->in ? CALL_ENTRY : 0) | (row->out ? CALL_EXIT : 0);
	if (request >> 32 != CALL_OF_IOCTL || !SIZE(request))
		return 0;
	return (request & WRITES ? CALL_ENTRY : 0) | (request & READS ? CALL_EXIT : 0);
}

const struct call_type *call_request_type(uint64_t request, bool is_back, size_t size)
{
	const struct request_row *row = row_find(request);
	const struct call_type *type = NULL;

	if (row)
		type = type_of(is_back && row->out ? row->out : row->in);
	return type && type->size == size ? type : type_of("bytes");
}
