#!/usr/bin/env python3
"""Data calls, profiles and data formats of the virtual modem, as Debian's qmicli sees them.

    test_data.py QMI_SIM [PEER]     (PEER: /usr/bin/qmicli)

What it must print is written from the facts about the modem."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

from sim import PATIENCE, Sim, Tap

ADDRESS = r"100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+"
SETTINGS4 = rf"""Current settings retrieved:
 +IP Family: IPv4
 +IPv4 address: ({ADDRESS})
 +IPv4 subnet mask: 255\.255\.255\.248
IPv4 gateway address: ({ADDRESS})
 +IPv4 primary DNS: 8\.8\.4\.4
 +IPv4 secondary DNS: 8\.8\.8\.8
 +MTU: 1500
 +Domains: none
"""
SETTINGS6 = r"""Current settings retrieved:
 +IP Family: IPv6
 +IPv6 address: 2001:0?db8:[0-9a-f:]+/64
 *IPv6 gateway address: 2001:0?db8:[0-9a-f:]+/64
 +IPv6 primary DNS: 2001:4860:4860:.*8844
 +IPv6 secondary DNS: 2001:4860:4860:.*8888
 +MTU: 1500
 +Domains: none
"""
FORMAT = r"""Successfully got data format
 +QoS flow header: no
 +Link layer protocol: 'raw-ip'
 +Uplink data aggregation protocol: '{protocol}'
Downlink data aggregation protocol: '{protocol}'
 +NDP signature: '0'
Downlink data aggregation max datagrams: '{datagrams}'
Downlink data aggregation max size: '{size}'
"""
PROFILE = r"""	\[{index}\] 3gpp - {name}
		APN: '{apn}'
		APN type: '{use}'
		PDP type: '{pdp}'
		PDP context number: '{index}'
		Username: ''
		Password: ''
		Auth: 'none'
		No roaming: '{no_roaming}'
		APN disabled: 'no'
"""
# What the network or the modem says to a start, by what is asked for.
REFUSALS = [
    ("apn=no.such.invalid", 1, "generic-unspecified", "6,27", "[3gpp] unknown-apn"),
    ("apn=ipv4.test,ip-type=6", 1, "generic-unspecified", "6,50", "[3gpp] ipv4-only-allowed"),
    ("apn=ipv6.test,ip-type=4", 1, "generic-unspecified", "6,51", "[3gpp] ipv6-only-allowed"),
    ("apn=secure.test", 1, "generic-unspecified", "6,29", "[3gpp] authentication-failed"),
    ("apn=barred.test", 1, "generic-unspecified", "6,8", "[3gpp] operator-determined-barring"),
    ("apn=unsubscribed.test", 1, "generic-unspecified", "6,33", "[3gpp] option-unsubscribed"),
]


class Peer:
    """Debian's qmicli on one modem."""

    def __init__(self, program, path, tap):
        self.command, self.tap = [program, "--device-open-qmi", "-d", path], tap

    def run(self, *options):
        done = subprocess.run([*self.command, *options], capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, re.sub(r"(?m)^\[/[^]]*\] ", "", done.stdout), done.stderr

    def says(self, name, pattern, *options):
        """The match of its stdout, or None."""
        code, out, errors = self.run(*options)
        match = re.fullmatch(pattern, out)
        self.tap.check(name, code == 0 and match, f"{code}\n{out}\n{errors}")
        return match

    def fails(self, name, sentence, *options):
        code, out, errors = self.run(*options)
        self.tap.check(name, code and sentence in errors, f"{code}\n{out}\n{errors}")

    def start(self, what, *options):
        """(handle, client id) of a call that stays."""
        match = self.says(
            f"a call to {what} starts", r"Network started\n\tPacket data handle: '(\d+)'\n"
            r"Client ID not released:\n\tService: 'wds'\n\t +CID: '(\d+)'\n",
            f"--wds-start-network={what}", "--client-no-release-cid", *options)
        return match.groups() if match else ("0", "0")


def status(peer, name, expected):
    peer.says(name, f"Connection status: '{expected}'\n", "--wds-get-packet-service-status")


def calls(peer):
    status(peer, "no call at first", "disconnected")
    peer.fails("no settings without a call", "QMI protocol error (15): 'OutOfCall'", "--wds-get-current-settings")
    handle, client = peer.start("apn=internet,ip-type=4")
    status(peer, "another client sees it", "connected")
    first = peer.says("settings of IPv4", SETTINGS4, "--wds-get-current-settings")
    peer.fails("the same call again", "QMI protocol error (26): 'NoEffect'",
               "--wds-start-network=apn=internet,ip-type=4")
    peer.fails("another APN beside it", "verbose call end reason (2,241): [internal] interface-in-use-config-match",
               "--wds-start-network=apn=ims")
    peer.fails("a handle of somebody else", "QMI protocol error (9): 'InvalidHandle'", f"--wds-stop-network={handle}")
    peer.says("rates", "Channel data rates:\n\tCurrent TX rate: 50000000bps\n\tCurrent RX rate: 150000000bps\n"
              "\tMax TX rate:     50000000bps\n\tMax RX rate:     150000000bps\n", "--wds-get-channel-rates")
    peer.says("dormancy", "Dormancy Status: 'traffic-channel-active'\n", "--wds-get-dormancy-status")
    peer.says("dormant", "", "--wds-go-dormant")
    peer.says("dormancy then", "Dormancy Status: 'traffic-channel-dormant'\n", "--wds-get-dormancy-status")
    peer.says("it stops", r"(?:.*\n)?Network stopped\n", f"--wds-stop-network={handle}", f"--client-cid={client}")
    status(peer, "no call behind it", "disconnected")
    peer.start("apn=internet,ip-type=4")
    again = peer.says("settings of the next call", SETTINGS4, "--wds-get-current-settings")
    peer.tap.check("another address each time (F30)", first and again and first[1] != again[1])
    peer.says("a global stop", r"(?:.*\n)?Network stopped\n", "--wds-stop-network=disable-autoconnect")
    status(peer, "no call behind that", "disconnected")


def families(peer):
    _, client = peer.start("apn=internet,ip-type=6")
    peer.says("settings of IPv6", SETTINGS6, "--wds-get-current-settings")
    code, out, errors = peer.run("--wds-noop", f"--client-cid={client}")
    peer.tap.check("its client is released", code == 0, out + errors)
    status(peer, "and the call ends with it", "disconnected")


def refusals(peer):
    for what, reason, words, verbose, text in REFUSALS:
        peer.fails(f"{what}: {text}", f"call end reason ({reason}): {words}\nverbose call end reason ({verbose}): {text}",
                   f"--wds-start-network={what}")
    peer.says("with a password", r"Network started\n\tPacket data handle: '\d+'\n",
              "--wds-start-network=apn=secure.test,username=user,password=password,auth=CHAP")
    peer.fails("a profile that is not there", "QMI protocol error (10): 'InvalidProfile'",
               "--wds-start-network=3gpp-profile=17")


def profile(index, name, apn, use="none", pdp="ipv4-or-ipv6", no_roaming="no"):
    return PROFILE.format(index=index, name=name, apn=re.escape(apn), use=use, pdp=pdp, no_roaming=no_roaming)


def profiles(peer):
    three = profile(1, "profile1", "") + profile(2, "profile2", "ims", "ims") + \
        profile(3, "profile3", "sos", "emergency")
    peer.says("profiles", "Profile list retrieved:\n" + three, "--wds-get-profile-list=3gpp")
    peer.says("a profile is created", r"New profile created:\n\tProfile type: '3gpp'\n\tProfile index: '4'\n",
              "--wds-create-profile=3gpp,name=mine,apn=my.apn,pdp-type=IP,no-roaming=yes")
    peer.says("and is there", "Profile list retrieved:\n" + three +
              profile(4, "mine", "my.apn", pdp="ipv4", no_roaming="yes"), "--wds-get-profile-list=3gpp")
    peer.says("it is modified", "Profile successfully modified\\.\n", "--wds-modify-profile=3gpp,4,pdp-type=IPV6,apn=x")
    peer.says("and is so", "Profile list retrieved:\n" + three +
              profile(4, "mine", "x", pdp="ipv6", no_roaming="yes"), "--wds-get-profile-list=3gpp")
    peer.fails("its type forbids IPv4", "verbose call end reason (2,208): [internal] pdn-ipv4-call-disallowed",
               "--wds-start-network=3gpp-profile=4,ip-type=4")
    peer.says("it is deleted", "Profile successfully deleted\\.\n", "--wds-delete-profile=3gpp,4")
    peer.says("and is gone", "Profile list retrieved:\n" + three, "--wds-get-profile-list=3gpp")
    peer.fails("twice", "invalid-profile-number", "--wds-delete-profile=3gpp,4")
    peer.fails("profiles of CDMA", "invalid-profile-type", "--wds-get-profile-list=3gpp2")
    peer.says("the default", "Default profile number retrieved:\n\tDefault profile number: '1'\n",
              "--wds-get-default-profile-number=3gpp")
    peer.says("settings of a new one", "Default settings retrieved:\n\tAPN: ''\n\tPDP type: 'ipv4-or-ipv6'\n"
              "\tUsername: ''\n\tPassword: ''\n\tAuth: 'none'\n", "--wds-get-default-settings=3gpp")
    peer.says("the attach", "LTE attach parameters successfully retrieved:\n\tAPN: internet\n"
              "\tIP support type: ipv4v6\n\tOTA attach performed: yes\n", "--wds-get-lte-attach-parameters")
    peer.says("its list", "Attach PDN list retrieved:\n\tCurrent list: '1'\n\tPending list: n/a\n",
              "--wds-get-lte-attach-pdn-list")


def autoconnect(peer):
    shown = "Autoconnect settings retrieved:\n\tStatus: '{}'\n\tRoaming: '{}'\n"
    peer.says("autoconnect is off", shown.format("disabled", "allowed"), "--wds-get-autoconnect-settings")
    peer.says("it is set", "Autoconnect settings updated\n|.*", "--wds-set-autoconnect-settings=enabled,home-only")
    peer.says("and is on", shown.format("enabled", "home-only"), "--wds-get-autoconnect-settings")
    until = time.monotonic() + PATIENCE
    while "'connected'" not in peer.run("--wds-get-packet-service-status")[1] and time.monotonic() < until:
        time.sleep(0.1)
    status(peer, "it connects by itself", "connected")
    peer.says("it is stopped", r"(?:.*\n)?Network stopped\n", "--wds-stop-network=disable-autoconnect")
    peer.says("and is off", shown.format("disabled", "home-only"), "--wds-get-autoconnect-settings")


def formats(peer):
    peer.says("the data format", FORMAT.format(protocol="disabled", datagrams=0, size=0), "--wda-get-data-format")
    peer.says("with its endpoint", FORMAT.format(protocol="disabled", datagrams=0, size=0),
              "--wda-get-data-format=ep-type=hsusb,ep-iface-number=4")
    code, out, errors = peer.run(
        "--wda-set-data-format=link-layer-protocol=raw-ip,ul-protocol=qmap,dl-protocol=qmap,dl-max-datagrams=32,"
        "dl-datagram-max-size=16384,ep-type=hsusb,ep-iface-number=4")
    peer.tap.check("QMAP is set", code == 0, out + errors)
    peer.says("and in force", FORMAT.format(protocol="qmap", datagrams=10, size=4096), "--wda-get-data-format")
    code, out, errors = peer.run("--wds-bind-mux-data-port=mux-id=1,ep-type=hsusb,ep-iface-number=4",
                                 "--client-no-release-cid")
    client = re.search(r"CID: '(\d+)'", out)
    peer.tap.check("a client is bound to a mux id", code == 0 and client, out + errors)
    code, out, errors = peer.run("--wds-start-network=apn=internet,ip-type=4", f"--client-cid={client[1]}",
                                 "--client-no-release-cid")
    peer.tap.check("its call is there", code == 0, out + errors)
    status(peer, "and nobody else's", "disconnected")
    peer.says("settings on the mux id", SETTINGS4, "--wds-get-current-settings", f"--client-cid={client[1]}")


def begin_to_follow(peer, program, path, tell):
    """A follower, whose call the network ends; `tell` speaks to the control socket. libqmi's asks every 20 s."""
    process = subprocess.Popen([program, "--device-open-qmi", "-d", path, "--wds-start-network=apn=internet",
                                "--wds-follow-network"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    peer.tap.check("a follower's call starts", "Network started" in line, line)
    peer.tap.check("and is there", json.loads(tell("status"))["data"]["calls"])
    tell("data", "drop", "emm-detached")
    return process


def end_to_follow(peer, process):
    try:
        out = process.communicate(timeout=20 + PATIENCE)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        out = process.communicate()[0]
    peer.tap.check("a follower is told that its call ended (F17)", "Connection status: 'disconnected'" in out, out)


def failures(peer, tell):
    tell("data", "fail", "--count", "1", "no-service")
    peer.fails("a start that the network refuses (F4)", "call end reason (3): generic-no-service\n"
               "verbose call end reason (3,2001): [cm] no-service", "--wds-start-network=apn=internet")
    peer.run("--dms-set-operating-mode=low-power")
    peer.fails("no call with the radio off", "verbose call end reason (2,219): [internal] lpm-or-power-down",
               "--wds-start-network=apn=internet")


def main(qmi_sim, program="/usr/bin/qmicli"):
    if not os.access(program, os.X_OK):
        print(f"1..0 # SKIP no {program}")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder, \
            Sim(qmi_sim, "--control", f"{folder}/control", name="followed") as followed:
        def tell(*words):
            done = subprocess.run([qmi_sim, "ctl", f"{folder}/control", *words], capture_output=True, text=True,
                                  check=False)
            tap.check(" ".join(words), done.returncode == 0, done.stdout + done.stderr)
            return done.stdout
        peer = Peer(program, followed.path, tap)
        follower = begin_to_follow(peer, program, followed.path, tell)
        for part in (calls, families, refusals, profiles, autoconnect, formats):
            with Sim(qmi_sim) as modem:
                part(Peer(program, modem.path, tap))
        end_to_follow(peer, follower)
        failures(peer, tell)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
