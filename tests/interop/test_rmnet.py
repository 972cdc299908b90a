"""Links of the rmnet driver: what our qmicli and Debian's send to the kernel for the same command, to the byte.

usage: test_rmnet.py QMICLI QMI-SIM TAP [PEER]     (TAP: netlink-tap.so; PEER: /usr/bin/qmicli)
No kernel here needs the driver, and none makes a link: both run in a network namespace of their own.
"""

import os
import struct
import subprocess
import sys
import tempfile

from sim import Sim, Tap

NEWLINK = 16
COMMANDS = [
    "iface=lo,prefix=rmnet,mux-id=1", "iface=lo,prefix=rmnet_data,mux-id=254", "iface=lo,mux-id=7",
    "iface=lo,prefix=r,mux-id=2,flags=ingress-map-cksumv4", "iface=lo,prefix=r,mux-id=3,flags=egress-map-cksumv4",
    "iface=lo,prefix=r,mux-id=4,flags=ingress-map-cksumv5|egress-map-cksumv5", "iface=lo,prefix=r,mux-id=5,flags=none",
    "iface=lo,prefix=data", " iface = lo , prefix = 'data' , mux-id=9",
]


def sent(program, device, tap, argument):
    """The RTM_NEWLINK that a program sends for --link-add, without its sequence number, and its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "sent")
        command = [program, "-d", device, "--device-open-qmi", f"--link-add={argument}"]
        run = subprocess.run(["unshare", "-n", "env", f"LD_PRELOAD={os.path.abspath(tap)}", f"NETLINK_TAP={log}",
                              "ASAN_OPTIONS=verify_asan_link_order=0", *command],
                             capture_output=True, timeout=60)
        if not os.path.exists(log):
            return None, run
        with open(log, encoding="ascii") as file:
            messages = [bytes.fromhex(line) for line in file]
    found = [m for m in messages if struct.unpack_from("=IH", m)[1] == NEWLINK]
    return (found[0][:8] + found[0][12:] if len(found) == 1 else found), run


def main(qmicli, qmi_sim, tap, peer="/usr/bin/qmicli"):
    if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        print("1..0 # SKIP this takes a network namespace, which root can make")
        return 0
    if not os.access(peer, os.X_OK):
        print(f"1..0 # SKIP there is no {peer}")
        return 0
    results = Tap()
    with Sim(qmi_sim) as modem:
        for argument in COMMANDS:
            theirs, their_run = sent(peer, modem.path, tap, argument)
            ours, our_run = sent(qmicli, modem.path, tap, argument)
            results.check(f"the same request for {argument}", isinstance(ours, bytes) and ours == theirs,
                          f"theirs: {theirs} {their_run}\nours: {ours} {our_run}")
            results.check("both fail where there is no driver, and ours says so",
                          their_run.returncode != 0 and our_run.returncode == 8 and b"rmnet" in our_run.stderr
                          and not our_run.stdout, f"{their_run}\n{our_run}")
    return results.done()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
