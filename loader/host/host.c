/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <elf.h>

#include "offsets/util/cleanup.h"
#include "loader/host/cpus.h"
#include "loader/host/host.h"
#include "loader/host/sysfile.h"

/* Late stable kernels saturate: 4.19.325 says 255 (9b82f13e7ef3). */
static uint32_t version_code(unsigned int major, unsigned int minor, unsigned int sublevel)
{
	return major << 16 | minor << 8 | (sublevel > 255 ? 255 : sublevel);
}

#define PROC_PID_INIT_INO 0xEFFFFFFCU /* include/linux/proc_ns.h */

bool host_pid_namespace_is_initial(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) || st.st_ino == PROC_PID_INIT_INO;
}

bool host_notes_build_id(const void *notes, size_t size, char *ret_hex, size_t hex_size)
{
	const unsigned char *at = notes;
	Elf64_Nhdr note; /* the same in 32-bit files */

	while (size >= sizeof(note)) {
		size_t name, desc, i;

		memcpy(&note, at, sizeof(note));
		at += sizeof(note);
		size -= sizeof(note);
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > size || desc > size - name)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at, "GNU", 4)) {
			if (!note.n_descsz || 2 * note.n_descsz >= hex_size)
				return false;
			for (i = 0; i < note.n_descsz; i++)
				sprintf(ret_hex + 2 * i, "%02x", at[name + i]);
			return true;
		}
		at += name + desc;
		size -= name + desc;
	}
	return false;
}

static void build_id_read(struct host *host)
{
	CLEANUP(cleanup_fd) int fd = open("/sys/kernel/notes", O_RDONLY | O_CLOEXEC);
	char notes[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, notes, sizeof(notes));

	if (n <= 0 || !host_notes_build_id(notes, n, host->build_id, sizeof(host->build_id)))
		host->build_id[0] = '\0';
}

void host_name_read(struct host *host)
{
	struct utsname name;

	if (!uname(&name))
		snprintf(host->name, sizeof(host->name), "%s", name.nodename);
}

/* ---- the distribution --------------------------------------------------- */

/* As a shell reads it: in quotes, with a backslash before what else would end or change it. */
static void os_value(const char *value, char *ret, size_t size)
{
	char quote = *value == '"' || *value == '\'' ? *value++ : '\0';
	size_t used = 0;

	for (; *value && *value != quote && used + 1 < size; value++) {
		if (*value == '\\' && quote != '\'' && value[1])
			value++;
		ret[used++] = *value;
	}
	ret[used] = '\0';
}

void host_os_parse(char *text, struct host_os *ret)
{
	const struct {
		const char *key;
		char *value;
		size_t size;
	} keys[] = {
		{ "ID=", ret->id, sizeof(ret->id) },
		{ "ID_LIKE=", ret->like, sizeof(ret->like) },
		{ "NAME=", ret->name, sizeof(ret->name) },
		{ "VERSION_ID=", ret->version, sizeof(ret->version) },
		{ "PRETTY_NAME=", ret->pretty_name, sizeof(ret->pretty_name) },
	};
	char *line, *rest = text;
	size_t i;

	while ((line = strsep(&rest, "\n")))
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (!strncmp(line, keys[i].key, strlen(keys[i].key)))
				os_value(line + strlen(keys[i].key), keys[i].value, keys[i].size);
}

static void os_read(struct host_os *ret)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	char text[8192];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		CLEANUP(cleanup_fd) int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (n < 0)
			continue;
		text[n] = '\0';
		host_os_parse(text, ret);
		return;
	}
}

static void machine_id_read(struct host *host)
{
	if (!host_read_line("/etc/machine-id", host->machine_id, sizeof(host->machine_id)) ||
	    strspn(host->machine_id, "0123456789abcdef") != sizeof(host->machine_id) - 1)
		host->machine_id[0] = '\0';
}

/* ---- all ---------------------------------------------------------------- */

int host_identify(struct host *ret, struct offsets_error *error)
{
	struct host host = { 0 };
	struct utsname name;

	if (uname(&name))
		return offsets_fail(error, -errno, "uname: %s", strerror(errno));
	snprintf(host.release, sizeof(host.release), "%s", name.release);
	snprintf(host.version, sizeof(host.version), "%s", name.version);
	snprintf(host.machine, sizeof(host.machine), "%s", name.machine);
	snprintf(host.name, sizeof(host.name), "%s", name.nodename);
	build_id_read(&host);
	if (!host_read_line("/proc/sys/kernel/random/boot_id", host.boot_id, sizeof(host.boot_id)))
		host.boot_id[0] = '\0';
	machine_id_read(&host);
	os_read(&host.os);
	host.possible_cpus = cpus_possible();
	host.online_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (host.possible_cpus < 1)
		return offsets_fail(error, -EIO,
		                    "the number of CPUs cannot be read from /sys; mount sysfs");
	*ret = host;
	return 0;
}

/* "4.19.260-1", "7.3-cloud-amd64": the sublevel may be missing. */
static bool version_parse(const char *text, uint32_t *ret)
{
	unsigned int major, minor, sublevel = 0;

	if (sscanf(text, "%u.%u.%u", &major, &minor, &sublevel) < 2 || !major)
		return false;
	*ret = version_code(major, minor, sublevel);
	return true;
}

/* "Ubuntu 4.15.0-42.45-generic 4.15.18", "#1 SMP Debian 4.19.260-1 (...)", "3.10.0-1160.el7" */
uint32_t host_version_code(const char *release, const char *version, const char *signature)
{
	const char *debian = strstr(version, "Debian ");
	char word[64];
	uint32_t code;

	if (signature && sscanf(signature, "%*s %*s %63s", word) == 1 && version_parse(word, &code))
		return code;
	if (debian && version_parse(debian + strlen("Debian "), &code))
		return code;
	return version_parse(release, &code) ? code : 0;
}
