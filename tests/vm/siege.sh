# SPDX-License-Identifier: BSD-2-Clause
# Runs in the guest: sh /siege.sh SECONDS SEED WITHOUT. A siege of the sensor,
# with all event classes, and beside it a known exec a second. It leaves the
# files that tests/host/siege.py --files looks at.
seconds=$1 seed=$2 without=$3
classes=$(sextant check --db /kernels.db --kernel-override none --events all --json | grep -o '"[a-z_]*":{"works"' | cut -d '"' -f 2 | xargs | tr ' ' ,)
mkdir -p /out
mkfifo /tmp/events /tmp/said
echo $classes >/out/classes

siege --read --every 1000 --keep known-0- --keep '"action":"loss"' --keep '"action":"class_degraded"' \
	--keep '"action":"agent_stop"' </tmp/events >/out/kept 2>/out/read &
reader=$!
siege --stamp </tmp/said >/out/errors &
sextant run --db /kernels.db --events $classes --output /tmp/events 2>/tmp/said &
sensor=$!
tries=0
while ! grep -q ready /out/errors && [ $tries -lt 600 ]; do
	tries=$((tries + 1))
	sleep 0.2
done

siege --stalk --uid 61001 --seconds "$seconds" --target $sensor &
stalker=$!
siege --seconds "$seconds" --seed "$seed" --target $sensor --without "$without" >/out/siege 2>&1 &
siege=$!
for cpu in 0 1; do taskset $((1 << cpu)) /bin/busybox true; done # and one before the first
number=0
while kill -0 $siege 2>/dev/null && [ -e /proc/$sensor ]; do
	time=$(date +%s)
	/bin/busybox true known-0-$number
	echo "$time $(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$sensor/status) $(ls /proc/$sensor/fd | wc -l)"
	number=$((number + 1))
	sleep 1
done >/out/seconds
wait $siege
echo $? >/out/siege-code
kill $stalker 2>/dev/null
sleep 3 # for what is still to be reported
for cpu in 0 1; do taskset $((1 << cpu)) /bin/busybox true; done # an event behind the last loss

up=no
[ ! -e /proc/$sensor/exe ] || up=yes
echo $up >/out/up
kill $sensor
wait $sensor
echo $? >/out/sensor-code
wait $reader
echo $? >/out/read-code
