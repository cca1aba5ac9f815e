/* SPDX-License-Identifier: BSD-2-Clause */
/* This host: its kernel, name, boot and CPUs. */
#ifndef LOADER_HOST_HOST_H
#define LOADER_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "offsets/offsets.h"

#define HOST_BTF_DIRECTORY "/sys/kernel/btf/" /* with a file for each module, from 5.11 on */
#define HOST_BTF_PATH      HOST_BTF_DIRECTORY "vmlinux"

/* The distribution, by os-release(5); each is empty where it does not say. */
struct host_os {
	char id[64], like[64], name[64], version[64], pretty_name[128];
};

struct host {
	char release[128], version[256], machine[65];
	char build_id[129];  /* hex; empty: /sys/kernel/notes has none */
	char name[256];      /* of the host */
	char boot_id[37];    /* of this boot, a UUID; empty: unknown */
	char machine_id[33]; /* of this installation (/etc/machine-id); empty: unknown */
	struct host_os os;
	int possible_cpus, online_cpus;
};

/* 0 or -errno. */
int host_identify(struct host *ret, struct offsets_error *error);

/* Reads host->name again: it may have changed. */
void host_name_read(struct host *host);

/*
 * LINUX_VERSION_CODE by the texts of this host, 0: they have none. signature:
 * /proc/version_signature of Ubuntu, or NULL. loader/bpf/tier.h tries it.
 */
uint32_t host_version_code(const char *release, const char *version, const char *signature);

/*
 * False: this process is in a pid namespace of its own, so its ids are not those
 * that the kernel's programs see. The initial one has a fixed inode number, since
 * 3.8 (98f842e675f9). True also where /proc does not say.
 */
bool host_pid_namespace_is_initial(void);

/* Parses the text of a file as os-release(5) describes it. */
void host_os_parse(char *text, struct host_os *ret);

/* Parses ELF notes (/sys/kernel/notes) for the GNU build-id. False: none. */
bool host_notes_build_id(const void *notes, size_t size, char *ret_hex, size_t hex_size);

#endif
