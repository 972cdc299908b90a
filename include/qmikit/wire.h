/*
 * Wire: the bytes of QMI frames. QMUX framing, message headers and TLVs, read and written through
 * one bounds-checked cursor.
 *
 * Owns: nothing; borrows the caller's bytes. Does not know: what a TLV means, files, time.
 * Lifetime: every object is on the caller's stack and valid while the bytes are.
 * Called from: codec, transport, device, the virtual modem, anything that looks at frames.
 *
 * A QMUX frame is: 0x01, length u16 (bytes that follow the 0x01), flags u8 (0x80 from the modem),
 * service u8, client u8; then a message: flags u8, transaction (u8 for CTL, u16 otherwise),
 * message id u16, TLV bytes u16; then TLVs of type u8, length u16, value. All little endian.
 * Sources: libqmi qmi-message.c, kernel drivers/net/usb/qmi_wwan.c, oFono drivers/qmimodem/qmi.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QK_PUBLIC __attribute__((visibility("default")))
#define QK_MUST_CHECK __attribute__((warn_unused_result))

#define QK_QMUX_MARKER 0x01
#define QK_QMUX_HEADER 6              /* bytes before the message */
#define QK_FRAME_MAX (UINT16_MAX + 1) /* the length field counts all but the marker */
#define QK_SERVICE_CTL 0x00
#define QK_CLIENT_BROADCAST 0xff /* an indication for every client of its service */

/* A borrowed run of bytes. */
struct qk_span {
	const uint8_t *data;
	size_t size;
};

/* A bounded reader. `error` is 0, or the first -EBADMSG, which sticks: later reads give 0. */
struct qk_cursor {
	const uint8_t *pos, *end;
	int error;
};

/* A bounded writer into the caller's buffer. `error` is 0, or the first -ENOBUFS or -EMSGSIZE. */
struct qk_writer {
	uint8_t *start, *pos, *end;
	int error;
};

enum qk_message_type { QK_REQUEST, QK_RESPONSE, QK_INDICATION };

/* The header of one message, as numbers; `tlvs` borrows the TLV bytes of the frame. */
struct qk_frame {
	uint8_t service;
	uint8_t client;
	enum qk_message_type type;
	bool from_modem;      /* QMUX flag 0x80 */
	uint16_t transaction; /* 8 bits wide in CTL; 0 in most indications */
	uint16_t message;
	struct qk_span tlvs;
};

/* One TLV; `value` borrows. */
struct qk_tlv {
	uint8_t type;
	struct qk_span value;
};

/* A cursor over `bytes`. */
QK_PUBLIC struct qk_cursor qk_cursor(struct qk_span bytes);

/* Bytes left to read; 0 once the cursor has failed. */
QK_PUBLIC size_t qk_cursor_left(const struct qk_cursor *c);

/* Reads an unsigned little-endian (or, with `big`, big-endian) integer of `width` bytes, 1 to 8.
 * 0, and a failed cursor, when fewer are left. */
QK_PUBLIC uint64_t qk_cursor_uint(struct qk_cursor *c, unsigned int width, bool big);

/* Takes the next `size` bytes; an empty span, and a failed cursor, when fewer are left. */
QK_PUBLIC struct qk_span qk_cursor_take(struct qk_cursor *c, size_t size);

/* Takes the next TLV. False at the clean end, and where the bytes that are left hold no whole TLV;
 * the latter fails the cursor with -EBADMSG. */
QK_PUBLIC bool qk_cursor_tlv(struct qk_cursor *c, struct qk_tlv *ret);

/* A writer into `size` bytes at `buffer`. */
QK_PUBLIC struct qk_writer qk_writer(void *buffer, size_t size);

/* Bytes written so far. */
QK_PUBLIC size_t qk_writer_used(const struct qk_writer *w);

/* Appends the low `width` bytes (1 to 8) of `value`. */
QK_PUBLIC void qk_write_uint(struct qk_writer *w, uint64_t value, unsigned int width, bool big);

/* Appends `size` bytes. `data` may be NULL when `size` is 0. */
QK_PUBLIC void qk_write_bytes(struct qk_writer *w, const void *data, size_t size);

/* Opens a TLV of `type` and returns a mark for qk_write_tlv_end(), which sets its length
 * (-EMSGSIZE on the writer when the value passed 65535 bytes). */
QK_PUBLIC size_t qk_write_tlv_begin(struct qk_writer *w, uint8_t type);
QK_PUBLIC void qk_write_tlv_end(struct qk_writer *w, size_t mark);

/* Looks for one QMUX frame at the start of `bytes` and fills `ret` (TLVs borrowed, not checked).
 * Returns the bytes of the whole frame; 0 when more bytes are needed; -EBADMSG when no frame starts
 * here: no marker, flags that QMI does not have, or lengths that contradict each other. `*ret_skip`
 * (may be NULL) is then how many bytes to drop before looking again: up to the next marker, since a
 * length that is wrong cannot be used to find the next frame. Lengths contradict each other as soon as
 * both are there: nobody waits for the rest of such a frame. */
QK_PUBLIC QK_MUST_CHECK int qk_frame_read(struct qk_span bytes, struct qk_frame *ret,
					  size_t *ret_skip);

/* The message of a QMUX frame without its header, as QRTR, AF_MSM_IPC and qmuxd carry it; such a
 * message never belongs to CTL. `service` and `client` go into `ret`, `from_modem` by its type. Returns
 * the bytes of the message (some transports pad with what follows it); -EBADMSG when `bytes` holds no
 * whole message, or flags that QMI does not have, or one too long for a QMUX frame. */
QK_PUBLIC QK_MUST_CHECK int qk_sdu_read(struct qk_span bytes, uint8_t service, uint8_t client,
					struct qk_frame *ret);

/* Starts a frame: writes both headers and returns a mark for qk_frame_end(), which sets the two
 * lengths. `frame->tlvs` is appended as it is (it may be empty). */
QK_PUBLIC size_t qk_frame_begin(struct qk_writer *w, const struct qk_frame *frame);

/* Ends the frame. Returns its bytes, or the writer's error: -ENOBUFS (the buffer is too small) or
 * -EMSGSIZE (more than QK_FRAME_MAX). */
QK_PUBLIC QK_MUST_CHECK int qk_frame_end(struct qk_writer *w, size_t mark);

/*
 * QRTR: a message is a datagram to a node and a port, and a client is a socket. Which service has which
 * port the name service tells, in control packets of 20 bytes from QK_QRTR_CONTROL_PORT.
 * Sources: the kernel's include/uapi/linux/qrtr.h and net/qrtr/ns.c.
 */
#define QK_QRTR_CONTROL_PORT 0xfffffffeu
#define QK_QRTR_CONTROL_SIZE 20
#define QK_QRTR_MESSAGE_MAX 65535 /* bytes of one datagram */

enum qk_qrtr_command {
	QK_QRTR_DATA = 1,
	QK_QRTR_HELLO = 2,
	QK_QRTR_BYE = 3, /* the node is gone */
	QK_QRTR_NEW_SERVER = 4,
	QK_QRTR_DEL_SERVER = 5,
	QK_QRTR_DEL_CLIENT = 6, /* the port is gone */
	QK_QRTR_RESUME_TX = 7,
	QK_QRTR_EXIT = 8,
	QK_QRTR_PING = 9,
	QK_QRTR_NEW_LOOKUP = 10,
	QK_QRTR_DEL_LOOKUP = 11,
};

/* A control packet. Of one about a client, BYE, DEL_CLIENT or RESUME_TX, node and port alone count. A
 * NEW_SERVER with 0 in all of them ends the list that follows a NEW_LOOKUP. */
struct qk_qrtr_control {
	uint32_t command; /* enum qk_qrtr_command, or what nobody knows */
	uint32_t service;
	uint32_t instance; /* the version in the low 8 bits, the instance above */
	uint32_t node, port;
};

/* 0; -EBADMSG when there are fewer than QK_QRTR_CONTROL_SIZE bytes. */
QK_PUBLIC QK_MUST_CHECK int qk_qrtr_control_read(struct qk_span bytes, struct qk_qrtr_control *ret);
QK_PUBLIC void qk_qrtr_control_write(const struct qk_qrtr_control *control,
				     uint8_t ret[QK_QRTR_CONTROL_SIZE]);

#ifdef __cplusplus
}
#endif
