# SPDX-License-Identifier: BSD-2-Clause
# Runs in the guest of tests/vm/selinux.py: loads the policy, labels what a package has installed, enforces, starts the
# sensor from init's domain, and lets a daemon of root attack it.
mkdir -p /out
mount -t selinuxfs none /sys/fs/selinux
domain load /policy || exit 1
echo 0 >/proc/sys/kernel/printk_ratelimit

label() {
	type=$1
	shift
	for path; do domain label "$path" system_u:object_r:$type:s0; done
}
mkdir /mnt
mount -t tmpfs none /mnt
mkdir -p /mnt/bin /mnt/log /mnt/run /mnt/home
cp /bin/busybox /bin/sextant /bin/scenario /bin/domain /kernels.db /mnt/bin
label usr_t /mnt /mnt/bin /mnt/home /mnt/bin/kernels.db
label bin_t /mnt/bin/busybox /mnt/bin/scenario /mnt/bin/domain
label sextant_exec_t /mnt/bin/sextant
label sextant_log_t /mnt/log
label sextant_run_t /mnt/run
label root_t /
# As udev does; what was there before the policy has no label of use.
label device_t /dev
label null_device_t /dev/null
label urandom_device_t /dev/urandom
label ptmx_t /dev/ptmx
echo 1 >/sys/fs/selinux/enforce

errors=/mnt/log/errors
setsid domain become system_u:system_r:init_t:s0 /mnt/bin/sextant run --db /mnt/bin/kernels.db --events all --canary 5 \
	--rule "watch /mnt/home" --control /mnt/run/control --output "/mnt/log/events rotate-age=4s keep=100 compress=gzip" 2>$errors </dev/null >/dev/null &
tries=0
until grep -q ready $errors || [ ! -d /proc/$! ] || [ $tries = 1500 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
grep -q ready $errors || { cat $errors; exit 1; }
/mnt/bin/busybox true seen
echo x >/mnt/home/file
# A user's: whether its file system is one in memory is asked for.
mkdir /user
mount -t ramfs none /user
cp /bin/busybox /user/mine
chown 1000 /user/mine
/user/mine true mine
sleep 12 # two canaries
# Now that there was an exec, the hasher as well.
for pid in $(pidof sextant); do cat /proc/$pid/attr/current | tr -d '\0' && echo; done >/out/domains
for pid in $(pidof sextant); do
	for what in "kill -9 $pid" "kill -STOP $pid" "echo x >>/mnt/log/events" "cat /mnt/log/events" "cat /proc/$pid/environ" \
		"rm /mnt/run/control" "rm /mnt/log/events"; do
		domain become system_u:system_r:attacker_t:s0 /mnt/bin/busybox sh -c "$what" >/dev/null 2>&1 && echo "$what"
	done
done >/out/attacks
# What it may kill, it kills.
sleep 1000 &
domain become system_u:system_r:attacker_t:s0 /mnt/bin/busybox sh -c "kill -9 $!" && wait $!
echo $? >/out/attacker
sextant status --json --control /mnt/run/control >/out/status
sextant restart --control /mnt/run/control >/out/said
pid=$(cut -d ' ' -f 2 /out/said)
sleep 1
kill $pid
tries=0
while [ -d /proc/$pid ] && [ $tries -lt 300 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
cat /sys/fs/selinux/enforce >/out/enforce
cp $errors /out/errors
ls /mnt/log >/out/logs
for old in /mnt/log/events.*.gz; do zcat $old; done >/out/events
cat $(ls /mnt/log/events* | grep -v '\.gz$') >>/out/events
dmesg | grep 'avc: *denied' >/out/denied
