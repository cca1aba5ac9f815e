/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts: the file systems on which things are done to files, with the records of mount and umount.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"

static void mount_record(const char *action, const char *path, const char *source, const char *type)
{
	put("mount\tcase=%s\tpid=%d\taction=%s\ttype=%s", file_case, getpid(), action, type);
	put_path("path", path);
	put_hex("source", source, strlen(source));
	record_end();
}

/* Makes the path and mounts there. False: this kernel does not have the file system. */
static int mount_at(const char *path, const char *source, const char *type, const char *options)
{
	require(!mkdir(path, 0755) || errno == EEXIST, path);
	if (mount(source, path, type, 0, options))
		return 0;
	mount_record("mount", path, source, type);
	return 1;
}

static int on_tmpfs(char *path)
{
	return mount_at(path, "scenario", "tmpfs", "mode=755");
}

/* Whether the overlay's inode has the number that stat shows of a copy: not in RHEL 7 and 4.19, but
 * in 5.10. */
static int has_numbers_of_stat(void)
{
	struct utsname host;
	int major = 0, minor = 0;

	uname(&host);
	sscanf(host.release, "%d.%d", &major, &minor);
	return major > 5 || (major == 5 && minor >= 10);
}

/* A file below, in the directory in which things are done: the first write copies it up. */
static void below_make(const char *lower)
{
	char path[4200];
	int fd;

	if (!has_numbers_of_stat())
		return;
	snprintf(path, sizeof(path), "%s/operations", lower);
	require(!mkdir(path, 0755), path);
	strcat(path, "/below");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	require(fd >= 0 && write(fd, "below\n", 6) == 6 && !close(fd), path);
}

static int on_overlayfs(char *path)
{
	static const char *const names[] = { "lower", "upper", "work" };
	char layers[1200], options[4096];
	size_t i;

	snprintf(layers, sizeof(layers), "%s.layers", path);
	require(!mkdir(layers, 0755) || errno == EEXIST, layers);
	require(!mount("layers", layers, "tmpfs", 0, NULL), layers);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(options, sizeof(options), "%s/%s", layers, names[i]);
		require(!mkdir(options, 0755), options);
		if (!i)
			below_make(options);
	}
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
	         layers, layers, layers);
	return mount_at(path, "scenario", "overlay", options);
}

/* A copy of the image, to be written to; -1: there is no image, as outside of a VM. */
static int image_copy(const char *path, const char *type)
{
	char name[1200];
	struct stat st;
	int image, copy;

	snprintf(name, sizeof(name), "/images/%s", type); /* tests/vm/matrix.py made it */
	image = open(name, O_RDONLY | O_CLOEXEC);
	if (image < 0)
		return -1;
	snprintf(name, sizeof(name), "%s.image", path);
	copy = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	require(copy >= 0 && !fstat(image, &st), name);
	while (sendfile(copy, image, NULL, st.st_size) > 0)
		;
	return copy;
}

/* By a loop device, which goes when the file system is unmounted. */
static int on_image(char *path, const char *type)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), copy, loop, mounted;
	char name[64];

	copy = control < 0 ? -1 : image_copy(path, type);
	if (copy < 0)
		return 0;
	snprintf(name, sizeof(name), "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
	loop = open(name, O_RDWR | O_CLOEXEC);
	require(loop >= 0 && !ioctl(loop, LOOP_SET_FD, copy), name);
	require(!ioctl(loop, LOOP_SET_STATUS64, &info), name);
	mounted = mount_at(path, name, type, NULL);
	close(loop);
	return mounted;
}

static int on_ext4(char *path)
{
	return on_image(path, "ext4");
}

static int on_btrfs(char *path)
{
	return on_image(path, "btrfs");
}

const struct file_system file_systems[] = { { "tmpfs", on_tmpfs },
	                                    { "overlay", on_overlayfs },
	                                    { "ext4", on_ext4 },
	                                    { "btrfs", on_btrfs },
	                                    { 0 } };

/* A tmpfs below the path, by the system calls of 5.2 and later. */
void mount_in_steps(const char *above)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), made;
	char path[1200];

	if (context < 0)
		return;
	snprintf(path, sizeof(path), "%s/steps", above);
	require(!mkdir(path, 0755), path);
	require(!fsconfig(context, FSCONFIG_SET_STRING, "source", "in-steps", 0) &&
	                !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0),
	        "fsconfig");
	made = fsmount(context, FSMOUNT_CLOEXEC, 0);
	require(made >= 0 && !move_mount(made, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(made);
	close(context);
	mount_record("mount", path, "in-steps", "tmpfs");
}

void unmount(const char *path)
{
	require(!umount2(path, MNT_DETACH), path);
	mount_record("umount", path, "", "");
}
