# SPDX-License-Identifier: BSD-2-Clause
# Runs in the guest: the doctor, the scenario under the sensor, another kernel's row.
mkdir -p /tmp/out /tmp/work
db=/kernels.db

sextant check --db $db --json >/tmp/out/check
echo $? >/tmp/out/check-code

sextant run --db $db --events exec,fork,thread,exit --output /tmp/out/events 2>/tmp/out/errors &
sensor=$!
tries=0
while ! grep -q ready /tmp/out/errors && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
scenario /tmp/out/truth /tmp/work
echo $? >/tmp/out/scenario-code
sleep 1
kill $sensor
wait $sensor
echo $? >/tmp/out/sensor-code

sextant run --db $db --kernel-override 3.10.0-1160.el7.x86_64 --duration 5 \
	>/tmp/out/wrong-events 2>/tmp/out/wrong-errors
echo $? >/tmp/out/wrong-code
