/*
 * Link header: what stands before each frame in a recording, a pcapng file of LINKTYPE_USER0: who
 * said it, to whom, over what.
 *
 * Owns: nothing. Does not know: pcapng, QMI messages.
 * Lifetime: none; numbers and a plain struct. Called from: the recorder, the reader, the dissector's
 * generator (by hand), anyone who reads recordings.
 *
 * A recording is one section with one interface, times in nanoseconds (if_tsresol 9), everything
 * little endian. Processes append to it at the same time, a block with each write(2), so that blocks
 * stand whole but not always in the order of their times: what is sent carries the time before the
 * call, what is received the time after it. Each Enhanced Packet Block has epb_flags: 1 from the
 * modem, 2 to it. Its packet is
 *
 *   offset size
 *        0    1  version, 1
 *        1    1  transport, see below
 *        2    1  direction: 0 to the modem, 1 from it
 *        3    1  service; 0xff: the frame says it (QMUX, qmuxd), it is above 255, or nobody knows
 *        4    2  size of this header, a multiple of 4, 44 or more: the frame begins there
 *        6    2  service above 255 (QRTR alone has such), else 0
 *        8    4  process id
 *       12    4  number of the connection within the process, from 1
 *       16    4  node of the other end (QRTR and MSM IPC), else 0
 *       20    4  port of the other end (QRTR and MSM IPC), else 0; QK_LINK_PORT_CONTROL: a control
 *                packet (look-ups, servers that come and go), no QMI message
 *       24   16  name of the process, padded with NUL
 *       40    …  device as the program named it ("/dev/cdc-wdm0", "@qmi-proxy", "qrtr"), a NUL, and
 *                NULs up to the header's size
 *
 * and then the bytes as they passed. QMUX: one frame, from its marker 0x01. QRTR, MSM IPC: one QMI
 * message without a QMUX header. qmuxd: its message with the platform's header; the client number of
 * four bytes that it sends first is a record of its own. What holds no whole frame (a torn one at
 * the end of a connection, noise between frames) is recorded as it came.
 *
 * A header of a later version keeps the first 24 bytes; readers go by the size.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define QK_LINK_TYPE 147 /* LINKTYPE_USER0, DLT 147 */
#define QK_LINK_VERSION 1
#define QK_LINK_FIXED 40 /* bytes before the device's name */
#define QK_LINK_PROCESS 16
#define QK_LINK_DEVICE_MAX 255 /* bytes of a device's name without its NUL; longer ones are cut */
#define QK_LINK_MAX (QK_LINK_FIXED + QK_LINK_DEVICE_MAX + 1)
#define QK_LINK_SERVICE_UNKNOWN 0xff
#define QK_LINK_PORT_CONTROL 0xfffffffeu

enum qk_link_transport {
	QK_LINK_QMUX = 1,
	QK_LINK_QRTR = 2,
	QK_LINK_QMUXD = 3,
	QK_LINK_MSM_IPC = 4,
};

struct qk_link_header {
	enum qk_link_transport transport;
	bool from_modem;
	uint16_t service;
	uint32_t pid, connection, node, port;
	char process[QK_LINK_PROCESS + 1];
	char device[QK_LINK_DEVICE_MAX + 1];
};
