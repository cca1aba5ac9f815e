# SPDX-License-Identifier: BSD-2-Clause
# Runs in the guest: for each attach method 'sextant check' and the scenario
# under the sensor, then storms, switches, another kernel's offsets. The attach
# methods by name: "tracepoint" includes raw tracepoints; "tier2" are the
# programs for kernels before 4.11; "fentry" is files by fentry and the rest by
# kprobes; "all" is what the sensor chooses by itself.
db=/kernels.db
mkdir -p /out /tmp/scene /tmp/debug

# What follows is measured by itself: tests/vm/matrix.py prints the times.
stage() {
	echo "$(cut -d " " -f 1 /proc/uptime) $1" >>/out/times
	echo "stage $1" # the last one of a guest that dies
}

stage begin
: >/out/sensor-codes
echo "watch /tmp/scene" >/tmp/rules
scenario rules >>/tmp/rules
mount -t debugfs debugfs /tmp/debug # for this script: the sensor does not look there
ls -d /sys/bus/event_source/devices/kprobe >/out/pmu 2>/dev/null

case $(uname -r) in
4.[4-9].* | 4.10.*) methods="all kprobe_events" wrong=4.4.0-21-generic ;;
4.14.* | 4.15.*) methods="tracepoint kprobe kprobe_events tier2" wrong=3.10.0-1160.el7.x86_64 ;;
3.10.*) methods="tracepoint kprobe kprobe_events" wrong=4.4.0-21-generic ;;
# Tier 2 is too much for their verifiers.
5.1[789].* | [6-9].*) methods="tracepoint kprobe kprobe_events fentry" wrong=3.10.0-1160.el7.x86_64 ;;
*) methods="tracepoint kprobe kprobe_events" wrong=3.10.0-1160.el7.x86_64 ;;
esac
[ -s /out/pmu ] || methods=$(echo "$methods" | sed 's/kprobe kprobe_events/kprobe_events/')
echo "$methods" >/out/methods
# The attach method whose run has a second output in OCSF: one that has the classes that need kprobes too.
ocsf_method=kprobe_events
case " $methods " in
*" all "*) ocsf_method=all ;;
*" kprobe "*) ocsf_method=kprobe ;;
esac
echo $ocsf_method >/out/ocsf-method

# All event classes that the sensor has, a line each. Without offsets 'check' loads no program.
sextant check --db $db --kernel-override none --events all --json | grep -o '"[a-z_]*":{"works"' | cut -d '"' -f 2 >/tmp/classes

# The event classes that this kernel does not have by an attach method. All others have to work, new ones too.
lacking() {
	case $1 in
	tracepoint)
		printf '%s\n' mount socket dns terminal
		# RHEL 7 and some kernels before 4.17 have no tracepoint of execve.
		sextant check --db $db --attach tracepoint --events exec_failed >/dev/null 2>&1 || echo exec_failed
		case $(uname -r) in
		3.* | 4.1[45].*) echo signal ;; # raw tracepoints: 4.17 and later
		esac
		;;
	*)
		case $(uname -r)/$1 in
		4.4.* | 4.9.*/all) ;;
		*) echo module ;;
		esac
		case $(uname -r)/$1 in
		4.[4-9].* | 4.10.* | */tier2) printf '%s\n' file socket dns chroot terminal ;;
		esac
		;;
	esac
}

events() {
	lacking $1 >/tmp/lacking
	grep -vxF -f /tmp/lacking /tmp/classes | xargs | tr ' ' ,
}

options() {
	case $1 in
	all) ;;
	tier2) echo --tier 2 --attach kprobe_events ;;
	tracepoint) echo --attach tracepoint,raw_tracepoint ;;
	fentry) echo --attach fentry,kprobe ;;
	*) echo --attach "$1" ;;
	esac
}

# Until the sensor has said so, or has ended, for five minutes at most.
until_said() {
	tries=0
	while ! grep -q "$1" "$2" && [ $tries -lt 1500 ] && kill -0 $sensor 2>/dev/null; do
		tries=$((tries + 1))
		sleep 0.2
	done
}

# Starts a sensor for these classes and waits until it is ready.
filter="--filter /tmp/rules"
sensor_start() {
	classes=$1 output=$2 errors=$3
	shift 3
	# What the sensor takes of an emulated CPU is no measure: nothing is to be shed.
	sextant run --db $db $filter --events $classes --cpu-budget 0 "$@" --output "$output" 2>"$errors" &
	sensor=$!
	until_said ready "$errors"
	# What follows would happen before it reports anything.
	grep -q ready "$errors" || echo "$errors: not ready" >>/out/sensor-codes
}

sensor_stop() {
	sleep 1
	kill $sensor 2>/dev/null
	wait $sensor
	code=$?
	[ $code = 0 ] || echo "$errors $code" >>/out/sensor-codes
	return $code
}

# The process that has this one as its parent.
child_of() {
	grep -l "^PPid:	$1\$" /proc/[0-9]*/status 2>/dev/null | head -n 1 | cut -d / -f 3
}

# Waits until neither of a sensor's processes is there: the kernel takes a while to detach what they had.
gone() {
	wait $1
	tries=0
	while [ -d "/proc/$2" ] && ! grep -q '^State:	Z' "/proc/$2/status" && [ $tries -lt 300 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
}

sextant check --db $db --attach kprobe --json >/out/pmu-check
for method in $methods; do
	out=/out/$method
	mkdir -p $out
	stage $method-check
	events=$(events $method)
	instructions=--instructions
	[ $method != kprobe ] || instructions= # those of kprobe_events
	ocsf=
	[ $method != $ocsf_method ] || ocsf=$out/ocsf
	sextant check --db $db $(options $method) --events $events $instructions --json >$out/check
	echo $? >$out/check-code

	stage $method-killed
	killed=exec,fork,exit,credentials,namespaces,ptrace,signal # enough classes to leave kprobes behind
	[ $method != tracepoint ] || killed=exec,fork,exit
	case $method in
	tracepoint | kprobe | kprobe_events) # the others attach by these
		# Without the engine the monitor detaches all; without both of them kprobe events stay.
		sensor_start $killed /dev/null $out/engine-killed-errors $(options $method)
		monitor=$(child_of $sensor)
		kill -9 $sensor
		gone $sensor $monitor
		cat /tmp/debug/tracing/kprobe_events >$out/after-engine-kill
		sensor_start $killed /dev/null $out/killed-errors $(options $method)
		monitor=$(child_of $sensor)
		kill -9 $monitor $sensor
		gone $sensor $monitor
		cat /tmp/debug/tracing/kprobe_events >$out/after-kill
		;;
	esac

	removed= # what the first one says of the sensor that was killed
	# Where hits of probes were missed, as on a busy machine, the loss is counted, but the events cannot equal the truth.
	for attempt in 1 2 3 4 5; do
		rm -f $out/events $out/ocsf $out/errors $out/truth
		stage $method-start
		sensor_start $events $out/events $out/errors $(options $method) --env SCENARIO_CASE,LD_PRELOAD \
			${ocsf:+--output "$ocsf format=ocsf"}
		cat /tmp/debug/tracing/kprobe_events >$out/while-running
		stage $method-scenario
		scenario $out/truth /tmp/scene
		echo $? >$out/scenario-code
		stage $method-stop
		sensor_stop
		echo $? >$out/sensor-code
		[ $attempt != 1 ] || removed=$(grep 'kprobe events of a run that was killed' $out/errors)
		if grep -q ' events, 0 lost;' $out/errors && ! grep -q "missed by the kernel's probes" $out/errors; then break; fi
	done
	[ $attempt = 1 ] || [ -z "$removed" ] || echo "$removed" >>$out/errors
	cat /tmp/debug/tracing/kprobe_events >$out/after-end
done

stage modules
# What modules are loaded from: by the tracepoint, with each way to see the images.
mkdir -p /tmp/modules
for by in $methods; do
	case $by in kprobe | kprobe_events | fentry) ;; *) continue ;; esac
	sextant check --db $db --attach tracepoint,$by --events module --json >/out/modules-$by-check
	sensor_start module /out/modules-$by /out/modules-$by-errors --attach tracepoint,$by
	(cd /tmp/modules && scenario modules 2 && mv modules-truth /out/modules-$by-truth)
	sensor_stop
done

stage storm
# As fast as two CPUs can. A line: action, for how many processes it was reported, how often more than once.
# Before 4.15 (95846ecf9dac) one of two simultaneous forks may get a pid just used: it is in the truth twice.
sensor_start exec,fork,exit /tmp/storm /out/storm-errors --format text
scenario storm 1000 >/tmp/storm-1 &
other=$!
scenario storm 1000 >/tmp/storm-2
wait $other
sensor_stop
cat /tmp/storm-1 /tmp/storm-2 >/tmp/storm-pids
echo >/out/storm-twice
awk 'NR == FNR { truth[$1]++; n++; next }
	$3 in truth && $2 ~ /^(exec|fork|exit)$/ {
		if (++seen[$2 $3] <= truth[$3]) found[$2]++
		else { more[$2]++; print >"/out/storm-twice" }
	}
	END { print "truth", n; for (a in found) print a, found[a], more[a] + 0 }' \
	/tmp/storm-pids /tmp/storm >/out/storm

stage restart
# Without a gap: processes as above, and a file that is open for writing meanwhile. A line: action, for how many
# processes it was reported, how often more than once.
kept=exec,fork,exit
case $methods in all*) ;; *) kept=$kept,file ;; esac
sensor_start $kept /tmp/restart /out/restart-errors --format text --control /tmp/control.sock
exec 3>/tmp/scene/kept-open
scenario storm 1000 >/tmp/storm-1 &
other=$!
scenario storm 1000 >/tmp/storm-2 &
another=$!
sextant restart --control /tmp/control.sock >/out/restart-said 2>&1
echo $? >/out/restart-code
wait $other $another
echo written >&3
exec 3>&-
rm /tmp/scene/kept-open
sleep 1
newer=$(sed -n 's/^process \([0-9]*\) .*/\1/p' /out/restart-said)
kill ${newer:-$sensor} # nobody has taken over: restart-code says so
gone $sensor ${newer:-$sensor}
cat /tmp/storm-1 /tmp/storm-2 >/tmp/storm-pids
awk 'NR == FNR { truth[$1]++; n++; next }
	$3 in truth && $2 ~ /^(exec|fork|exit)$/ { if (++seen[$2 $3] <= truth[$3]) found[$2]++; else more[$2]++ }
	$7 == "write" && $8 ~ /kept-open/ { writes++ }
	END { print "truth", n; print "write", writes + 0, 0; for (a in found) print a, found[a], more[a] + 0 }' \
	/tmp/storm-pids /tmp/restart >/out/restart

stage one-pid
# Their exits: how many there were, and how many are reported. With clocksource=jiffies they have one start.
sensor_start exit /tmp/one-pid /out/one-pid-errors --format text
scenario one-pid 200 >/tmp/one-pid-truth
sensor_stop
read -r pid made </tmp/one-pid-truth
echo "$made $(awk -v pid="$pid" '$2 == "exit" && $3 == pid' /tmp/one-pid | wc -l)" >/out/one-pid

stage full
# The sensor is stopped and the rings fill: what is missing is what the sensor counts as lost.
# A gap is seen between two records of a CPU: there is one before the loss, and one behind it. Long arguments fill
# the rings soon, where they are sent whole.
sensor_start exec,fork,exit /tmp/full /out/full-errors --attach kprobe_events --canary 0
for cpu in 0 1; do taskset $((1 << cpu)) /bin/busybox true; done
kill -STOP $sensor
case $methods in
all*) scenario storm 4000 >/dev/null ;;
*)
	long=$(head -c 30000 /dev/zero | tr '\0' x)
	for i in $(seq 1 100); do
		taskset 1 /bin/busybox true $long
		taskset 2 /bin/busybox true $long
	done
	;;
esac
kill -CONT $sensor
sleep 2
for cpu in 0 1; do taskset $((1 << cpu)) /bin/busybox true; done
sensor_stop
awk 'function number(key) { return substr($0, index($0, "\"" key "\":") + length(key) + 3) + 0 }
	!/"sequence":/ { next } # about the sensor itself
	{ cpu = number("cpu"); n = number("sequence"); if (cpu in last) gaps += n - last[cpu] - 1; last[cpu] = n }
	END { print gaps + 0 }' /tmp/full >/out/full

stage cpus
# CPUs that go offline: 50 execs on the second one after it came online, and after it was offline once more.
cpu=/sys/devices/system/cpu/cpu1/online
on_the_second() {
	sleep 1 # longer than the sensor needs to see it
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		taskset 2 /bin/busybox true $1
		taskset 2 /bin/busybox true $1
	done
}
# Until the sensor follows the CPU, which may take a while where the host of the VM is busy.
followed() {
	tries=0
	while ! grep -q "true first-$1 " /out/cpus && [ $tries -lt 300 ]; do
		tries=$((tries + 1))
		taskset 2 /bin/busybox true "first-$1"
		sleep 0.2
	done
}
echo 0 >$cpu
sensor_start exec /out/cpus /out/cpus-errors --format text
echo 1 >$cpu
followed came
on_the_second came
echo 0 >$cpu
sleep 1
echo 1 >$cpu
followed again
on_the_second again
sensor_stop
# Offline for so short a time that the sensor cannot see it: what is lost is counted, and the rest is reported.
sensor_start exec /tmp/soon /out/soon-errors --format text
taskset 2 /bin/busybox true soon
echo 0 >$cpu; echo 1 >$cpu
on_the_second soon
sleep 2
on_the_second later
sensor_stop
grep -c 'true soon' /tmp/soon >/out/soon
grep -c 'true later' /tmp/soon >>/out/soon

stage switches
# Kprobes disabled before the start: which source exec takes. Disabled during a run: what the sensor says.
switches="/tmp/debug/kprobes/enabled /proc/sys/kernel/ftrace_enabled"
for switch in $switches; do
	name=$(basename $switch)
	echo 0 >$switch
	sensor_start exec /out/off-$name /out/off-$name-errors --format text
	/bin/busybox true off
	sensor_stop
	echo 1 >$switch
done
sensor_start exec /out/during /out/during-errors
for switch in $switches; do
	echo 0 >$switch
	sleep 3
	echo 1 >$switch
	sleep 3
done
sensor_stop

case $methods in
all*) ;; # before 4.11 there are no events of files and sockets
*)
	stage file-storm
	# A storm on files: 1,700 are created, renamed and removed.
	by=kprobe_events
	case $methods in *fentry*) by=fentry ;; esac
	sensor_start file /tmp/file-storm /out/file-storm-errors --format text --attach $by
	(cd /tmp/scene && scenario file-storm 1700)
	# Then a rule that matches every path, so that the fast path filters nothing.
	cp /tmp/rules /tmp/rules-before
	echo "watch /" >/tmp/rules
	kill -HUP $sensor
	until_said 'rules in force' /out/file-storm-errors
	(cd / && scenario file-storm 1)
	sensor_stop
	mv /tmp/rules-before /tmp/rules
	awk '$8 ~ /scene.storm/ { seen[$7]++ } END { for (a in seen) print a, seen[a] }' /tmp/file-storm >/out/file-storm
	awk '$8 !~ /scene/ && $8 ~ /storm/ { seen[$7]++ } END { for (a in seen) print a, seen[a] }' /tmp/file-storm >/out/every-file

	stage flow-storm
	# A storm of flows, more than the map has room for.
	sensor_start socket /tmp/flow-storm /out/flow-storm-errors --format text --attach kprobe_events
	scenario flow-storm 10000
	sensor_stop
	awk '$4 == "scenario" { seen[$7]++ } END { for (a in seen) print a, seen[a] }' /tmp/flow-storm >/out/flow-storm

	stage missed-changes
	# While kprobes are switched off, connections end and one is established. The name of the process tells them from
	# connections of others.
	sensor_start socket /out/missed-changes /out/missed-changes-errors --attach kprobe_events
	SWITCH=/tmp/debug/kprobes/enabled scenario missed-changes 20
	sensor_stop

	# Some threads sleep in a function while others call it. Once with kprobe events, which are the default for return
	# probes, and once with the PMU, which gives a return probe few instances.
	for by in kprobe_events kprobe; do
		case " $methods " in *" $by "*) ;; *) continue ;; esac
		stage sleepers-$by
		sensor_start socket,file,exec_failed /out/sleepers-$by /out/sleepers-$by-errors --attach $by
		(cd /tmp/scene && scenario asleep 100) >/out/sleepers-$by-truth
		sensor_stop
		(cd /tmp/scene && rm -rf others-*)
	done

	stage ways
	# With the default rules: an ordinary user tries to change files that decide who logs in. Once with the attach
	# method that the sensor chooses, and again with kprobes if it chooses fentry.
	by=chosen attach=
	mkdir -p /home
	mount -o loop /images/ext4 /home
	chmod 755 /home
	filter=
	while :; do
		mkdir -p /out/ways-$by
		sensor_start file,mount /out/ways-$by/events /out/ways-$by/errors $attach
		scenario ways 1 >/out/ways-$by/tried
		sensor_stop
		case $by/$methods in
		chosen/*fentry*) by=kprobe_events attach="--attach kprobe_events" ;;
		*) break ;;
		esac
	done
	filter="--filter /tmp/rules"
	umount /home
	;;
esac

stage numbers
# A kernel's entry without the offsets of its modules: they are taken from the kernel's own BTF, or the fields
# that need them are null. The sensor's own file is on overlayfs.
sextant show --db /none --json >/out/live
sextant show --db $db --json >/out/row
case $methods in
all*) ;;
*)
	base=/tmp/numbers
	mkdir -p $base/tmpfs $base/btrfs $base/layers $base/overlay
	mount -o loop /images/btrfs $base/btrfs
	mount -t tmpfs none $base/layers
	mkdir $base/layers/lower $base/layers/upper $base/layers/work
	cp /bin/sextant $base/layers/lower
	mount -t overlay -o lowerdir=$base/layers/lower,upperdir=$base/layers/upper,workdir=$base/layers/work \
		none $base/overlay
	path=$PATH
	PATH=$base/overlay:$PATH
	echo "watch $base" >/tmp/rules
	db=/slim.db
	sensor_start exec,file /out/numbers /out/numbers-errors --filter /tmp/rules
	for fs in tmpfs btrfs overlay; do
		cp /bin/busybox $base/$fs/true
		$base/$fs/true
		stat -c "$fs %i %d" $base/$fs/true
	done >/out/numbers-truth
	sensor_stop
	db=/kernels.db
	PATH=$path
	;;
esac

stage trace
# "chosen" is what it takes by itself. Kprobes at perf's functions: before 4.19.
case $(uname -r) in
4.[4-9].* | 4.10.*) trace_by="chosen" ;;
3.10.* | 4.1[1-8].*) trace_by="chosen tracepoint kprobe" ;;
*) trace_by="chosen tracepoint" ;;
esac
echo "$trace_by" >/out/trace-by
for by in $trace_by; do
	mkdir -p /tmp/calls-$by
	sextant trace --decode-fds --db $db --format json --output /tmp/trace $([ $by = chosen ] || echo --attach $by) -- \
		calls /tmp/calls-$by /bin/calls_32 >/out/trace-$by-truth 2>/out/trace-$by-errors
	echo $? >/out/trace-$by-code
	mv /tmp/trace /out/trace-$by 2>/dev/null
	# Of four files that are not there, the two that are chosen.
	sextant trace --db $db --where filename^=/no/ --failed --format json --output /out/trace-$by-chosen \
		$([ $by = chosen ] || echo --attach $by) open openat -- \
		/bin/busybox sh -c 'for i in /no/a /nothing /no/b /tmp; do /bin/busybox cat $i; done' 2>>/out/trace-$by-errors
	# The others, which are not chosen, do not use up the one of a second.
	sextant trace --db $db --where filename^=/no/ --rate 1 --format json --output /out/trace-$by-rated \
		$([ $by = chosen ] || echo --attach $by) open openat -- \
		/bin/busybox cat /nothing /nothing /nothing /nothing /nothing /nothing /nothing /nothing /no/a 2>>/out/trace-$by-errors
done
sextant trace --summary --output /out/trace-summary -- /bin/busybox dd if=/dev/zero of=/dev/null bs=1 count=3000 2>>/out/trace-chosen-errors
sextant trace --summary=process --output /out/trace-by-process -- /bin/busybox dd if=/dev/zero of=/dev/null bs=1 count=300 2>>/out/trace-chosen-errors
sextant trace --summary --where filename^=/no/ --output /out/trace-where open openat -- \
	/bin/busybox sh -c 'for i in /no/a /nothing /no/b /tmp; do /bin/busybox cat $i; done' 2>>/out/trace-chosen-errors

# A call that socketcall stands for is that call, where it is chosen.
for call in connect socketcall; do
	sextant trace --format json --output /out/trace-only-$call $call -- calls_32 >/dev/null 2>>/out/trace-chosen-errors
done

# Beside a sensor on the same tracepoints, which take one program each before 4.15.
case $methods in
tracepoint*) by="--attach tracepoint" ;;
*) by= ;;
esac
sensor_start exec,fork /tmp/beside /out/trace-beside-errors $by
sextant trace --db $db --format json --output /out/trace-beside mkdir -- /bin/busybox mkdir /tmp/made 2>>/out/trace-beside-errors
sensor_stop

stage wrong
sextant run --db $db --kernel-override $wrong --duration 5 \
	>/out/wrong-events 2>/out/wrong-errors
echo $? >/out/wrong-code

# What a kernel prints when something in it went wrong. The tracepoint of exec prints a warning if a file name is
# long, before 5.16 (docs/sources.md).
dmesg | grep -E 'Oops|BUG: (unable|kernel)|kernel BUG|general protection|WARNING: ' |
	grep -vE 'perf_trace_(sched_process_exec|buf_alloc)' >/out/complaints
stage end
