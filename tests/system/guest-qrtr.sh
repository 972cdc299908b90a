#!/bin/bash
#
# In the guest: QMI over AF_QIPCRTR. The virtual modem's services are servers of this kernel's local node;
# Debian's qmicli and ours are its clients, by dozens at one time; the modem goes and comes; a stranger sends
# both sides what he likes.

. ./guest-lib.sh

node=qrtr://1

# The functions below are called by `check`.
# shellcheck disable=SC2317
loaded() { grep -q '^qrtr ' /proc/modules; }

# shellcheck disable=SC2317
listing_loads_nothing() {
	! loaded && qmicli -L 2>&1 | grep -F 'no QMI device found' && ! loaded
}

# shellcheck disable=SC2317
is_listed() { qmicli -L | grep -E "^$node +qrtr +- +- +-$"; }

# shellcheck disable=SC2317
nothing_listed() { qmicli -L 2>&1 | grep -F 'no QMI device found'; }

# ends_with CODE TEXT COMMAND...: how it fails, and what it says.
# shellcheck disable=SC2317
ends_with() {
	local code=$1 text=$2 status
	shift 2
	"$@" >"$folder/said" 2>&1
	status=$?
	cat "$folder/said"
	[ "$status" = "$code" ] && grep -qF "$text" "$folder/said"
}

# No client id is left in the modem.
# shellcheck disable=SC2317
none_left() { ctl clients && ctl clients | grep -q '"clients": *\[\]'; }

compare() {
	local command
	for command in dms-get-{manufacturer,model,revision,ids,capabilities,msisdn} \
		wds-get-packet-service-status nas-get-{signal-info,serving-system,home-network} \
		uim-get-card-status; do
		qmicli -d "$node" "--$command" >"$folder/ours" 2>"$folder/our-warnings"
		/usr/bin/qmicli -d "$node" "--$command" >"$folder/theirs" 2>"$folder/warnings"
		same "--$command is the same from both" "$folder/ours" "$folder/theirs"
	done
}

# many COUNT PROGRAM: so many at one time, and all get the answer.
# shellcheck disable=SC2317
many() {
	local count=$1 program=$2 i pids=() failed=0
	for ((i = 0; i < count; i++)); do
		"$program" -d "$node" --dms-get-ids >"$folder/many$i" 2>&1 &
		pids+=($!)
	done
	for i in "${!pids[@]}"; do
		wait "${pids[i]}" || failed=1
		diff "$folder/many0" "$folder/many$i" || failed=1
	done
	grep -F 'IMEI:' "$folder/many0" && return "$failed"
}

# A client that waits for an answer, which the modem keeps for a minute.
# shellcheck disable=SC2317
follow() {
	ctl fault 'delay-answer=60000:dms.get-model:1' &&
		{ qmicli -d "$node" --dms-get-model --timeout=50 >"$folder/follower" 2>&1 & } &&
		echo $! >"$folder/follower.pid" &&
		within 10 eval "ctl clients | grep -q '\"dms\"'"
}

# shellcheck disable=SC2317
registered() { qmicli -d "$node" --nas-get-serving-system | grep -F "Registration state: 'registered'"; }

# A client that follows a data call, which is up.
# shellcheck disable=SC2317
follow_call() {
	within 30 registered || return
	qmicli -d "$node" --wds-start-network=apn=internet --wds-follow-network >"$folder/follower" 2>&1 &
	echo $! >"$folder/follower.pid"
	within 10 grep -F "Connection status: 'connected'" "$folder/follower"
}

# The follower has ended within some seconds, with words that say why.
# shellcheck disable=SC2317
follower_ends() {
	within 5 eval "! kill -0 $(cat "$folder/follower.pid")" || return
	cat "$folder/follower"
	grep -E "went away|is gone" "$folder/follower"
}

# A stranger: one more socket of the family, in the perl that every Debian has.
#   ports              prints the port of each server of the node
#   servers            sends each server what is no message of a client, and packets of the name service
#   many COUNT         is so many clients of DMS at one time, and goes
#   clients            sends every port that a client may have an answer, and packets of the name service
# shellcheck disable=SC2317
stranger() {
	perl -e '
		use strict;
		my ($what, $count) = @ARGV;
		my $control = 0xfffffffe;
		sub address { pack("SxxLL", 42, 1, $_[0]) }
		sub packet { pack("V5", @_) }
		sub open_socket { socket(my $s, 42, 2, 0) or die "socket: $!"; $s }
		sub servers {
			my ($s, %ports) = open_socket();
			send($s, packet(10, 0, 0, 0, 0), 0, address($control)) or die "look-up: $!";
			while (defined recv($s, my $got, 64, 0)) {
				my ($command, $service, $instance, $node, $port) = unpack("V5", $got);
				last if !$service && !$port;
				$ports{$port} = $service;
			}
			%ports;
		}
		my %ports = servers();
		my $answer = pack("Cvvv", 2, 1, 0x22, 7) . pack("Cvvv", 2, 4, 0, 0) ;
		my @lies = map { my $command = $_; map { packet($command, 2, 1, 1, $_) } 0, keys %ports } 3 .. 6;
		if ($what eq "ports") {
			print "$_ $ports{$_}\n" for sort keys %ports;
		} elsif ($what eq "servers") {
			my $s = open_socket();
			my @junk = ("", "\0", "\0" x 6, pack("Cvvv", 0, 1, 0x22, 1), pack("Cvvv", 6, 1, 0x22, 0),
				pack("Cvvv", 0, 1, 0x22, 65523), "\xff" x 65535, "\0" x 65535, $answer, @lies);
			for my $port (keys %ports) { send($s, $_, 0, address($port)) for @junk }
		} elsif ($what eq "many") {
			my ($dms) = grep { $ports{$_} == 2 } keys %ports;
			my @sockets = map { open_socket() } 1 .. $count;
			send($_, pack("Cvvv", 0, 1, 0x22, 0), 0, address($dms)) for @sockets;
			recv($_, my $got, 4096, 0) for @sockets;
		} elsif ($what eq "clients") {
			my $s = open_socket();
			for my $port (0x4000 .. 0x7fff) {
				next if $ports{$port};
				send($s, $_, 0, address($port)) for $answer, $lies[0], $lies[-1], packet(4, 0, 0, 0, 0);
			}
		}' "$@"
}

# shellcheck disable=SC2317
is_not_fooled() {
	local client
	ctl fault 'delay-answer=4000:dms.get-model:1' || return
	qmicli -d "$node" --dms-get-model >"$folder/fooled" 2>&1 &
	client=$!
	within 10 eval "ctl clients | grep -q '\"dms\"'" && stranger clients
	wait "$client"
	cat "$folder/fooled"
	grep -F "Model: '" "$folder/fooled"
}

# recorded PROGRAM: the recorder sees both directions of what a program says on QRTR.
# shellcheck disable=SC2317
recorded() {
	rm -f "$folder/recording"
	qmi-trace record -o "$folder/recording" -- "$1" -d "$node" --dms-get-ids &&
		qmi-trace show "$folder/recording" >"$folder/shown" || return
	cat "$folder/shown"
	[ "$(grep -ci 'get-ids' "$folder/shown")" = 2 ]
}

# as_on_the_pty FAULT: what the modem does wrong comes to the same over QRTR.
# shellcheck disable=SC2317
as_on_the_pty() {
	local device here
	for device in "$folder/cdc-wdm0" "$node"; do
		ctl fault "$1:dms.get-ids:1" || return
		qmicli -d "$device" --dms-get-ids --timeout=2 2>"$folder/complaint" | sed 1d >"$folder/${device##*/}.said"
		here=${PIPESTATUS[0]}
		ctl fault-disarm
		echo "$here" >>"$folder/${device##*/}.said"
		cat "$folder/complaint"
	done
	diff "$folder/cdc-wdm0.said" "$folder/1.said"
}

systemctl stop ModemManager
check 'listing devices finds none, and loads no module' listing_loads_nothing
or_end 'the kernel has QRTR' modprobe qrtr
check 'a node that offers nothing is not listed' nothing_listed
check 'and is no device' ends_with 4 'no such device' qmicli -d "$node" --dms-get-model
starts 'qmi-sim publishes its services' --qrtr --control "$control" --pty "$folder/cdc-wdm0"
check 'a second one on another node is another matter: this is one modem' \
	ends_with 1 'one modem' qmi-sim --qrtr --count 2
check 'the node is listed' is_listed
compare
check 'without -d the only device is taken' qmicli --dms-get-model
check 'version info has the services' eval \
	"qmicli -d $node --get-service-version-info | grep -E '^\s*nas \(1\.0\)$'"
check 'it is the modem that is on the pty too' eval \
	"diff <(qmicli -d $node --dms-get-ids | sed 1d) <(qmicli -d $folder/cdc-wdm0 --dms-get-ids | sed 1d)"
check 'no client id is left' within 5 none_left
check '20 of ours at one time' many 20 qmicli
check "20 of Debian's at one time" many 20 /usr/bin/qmicli
check 'the recorder shows what ours said' recorded qmicli
check "and Debian's" recorded /usr/bin/qmicli
check 'no client id is left by any' within 5 none_left
check 'an id of another program is refused' ends_with 2 'InvalidClientId' \
	qmicli -d "$node" --dms-get-model --client-cid=9
ctl fault 'delay-answer=60000:dms.get-model:1' >/dev/null
qmicli -d "$node" --dms-get-model >/dev/null 2>&1 &
killed=$!
within 10 eval "ctl clients | grep -q '\"dms\"'"
kill -9 "$killed"
wait "$killed" 2>/dev/null
check 'a client that was killed leaves none' within 5 none_left

for fault in answer-twice wrong-transaction drop-answer tlv-overrun duplicate-tlv bad-text huge-frame \
	unknown-service error-result=3 noise; do
	check "a modem with the fault $fault is as on the pty" as_on_the_pty "$fault"
done
check 'strangers send servers what they like' stranger servers
check 'and leave nothing' within 5 none_left
check 'two hundred clients at one time' stranger many 200
check 'and leave nothing, all the same' within 10 none_left
check 'the modem answers as before' qmicli -d "$node" --dms-get-model
check 'a client is not fooled by what strangers send' is_not_fooled

check 'a client waits' follow
kill -9 "$sim"
check 'it ends when the modem dies' follower_ends
check 'the node is not listed then' within 5 nothing_listed
check 'a command for it says that it is not there' ends_with 4 'no such device' \
	qmicli -d "$node" --wds-start-network=apn=internet --wds-follow-network
starts 'qmi-sim comes back' --qrtr --control "$control"
check 'a client of the new one is answered' qmicli -d "$node" --dms-get-model
check "Debian's too" /usr/bin/qmicli -d "$node" --dms-get-model
check 'a client waits once more' follow
check 'the modem resets' ctl time-scale 0.2
ctl reset >/dev/null
check 'it ends when the modem resets' follower_ends
check 'the node is not listed while the modem boots' within 5 nothing_listed
check 'it is listed when the modem is up' within 30 is_listed
check 'and answers' qmicli -d "$node" --dms-get-model
check 'a client follows a call' follow_call
ctl reset >/dev/null
check 'it ends when the modem resets' follower_ends
check 'the node comes back' within 30 is_listed
check 'a client follows a call of the modem that is back' follow_call
kill "$(cat "$folder/follower.pid")"
check 'it stops the call when it is told to end' within 5 grep -F 'Network cancelled' "$folder/follower"
ctl fault 'cut-frame:dms.get-model:1' >/dev/null
check 'a modem that hangs up has lost the client' ends_with 4 '' \
	timeout 20 qmicli -d "$node" --dms-get-model --timeout=8
check 'and publishes its services anew' within 5 qmicli -d "$node" --dms-get-model
check 'no client id is left at the end' within 5 none_left
kill "$sim"
check 'its services go with it' within 5 nothing_listed
check 'the kernel has nothing to complain of' no_complaint
finish
