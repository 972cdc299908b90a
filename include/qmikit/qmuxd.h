/*
 * qmuxd: the bytes that a program and Qualcomm's qmuxd exchange on its Unix socket. qmuxd is the daemon in
 * a modem's or a phone's own Linux that shares one QMI channel of the modem processor among programs.
 *
 * Owns: nothing; borrows the caller's bytes. Does not know: sockets, who waits for what.
 * Lifetime: every object is on the caller's stack and valid while the bytes are.
 * Called from: the qmuxd transport, the virtual modem's qmuxd, recordings.
 *
 * A program connects a stream socket to <dir>qmux_connect_socket, bound to <dir>qmux_client_socket and its
 * process id in seven columns; qmuxd sends its number for the program, a u32. From then on both send
 * messages: a header, then a payload. All is in the byte order of the machine, which is little endian on
 * all that are known. The header is a C struct of qmuxd's, so its layout follows the size of `long` in it:
 *
 *   32-bit  64-bit  bytes
 *        0       0      4  size of header and payload
 *        4       4      4  qmuxd's number for the program
 *        8       8      4  type of message
 *       12      12      4  the number again
 *       16      16   4, 8  transaction, a `long`
 *       20      24      4  system error
 *       24      28      4  QMI error, also in the payload
 *       28      32      4  connection: the channel to the modem processor; 0 is DATA5_CNTL
 *       32      36      4  QMI service
 *       36      40      1  QMI client id
 *       37      41      1  flags of a frame that was received
 *       40      48         payload
 *
 * Sources: the 32-bit layout, the numbers and the payloads are in the Gobi API 2012-09-12 and 2013-07-31
 * (Core/Socket.cpp, BSD, in libqmi's history) and in scintill/qmiserial2qmuxd, which agree. The 64-bit
 * layout is what a C compiler makes of the same struct where `long` has 64 bits; no public source shows
 * such a qmuxd. Modems (MDM9x07) are 32-bit.
 */
#pragma once

#include <qmikit/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

enum qk_qmuxd_layout { QK_QMUXD_32, QK_QMUXD_64 };

/* Types of messages; qmuxd has more, which no public source tells. */
enum qk_qmuxd_type {
	/* A QMI message of a service without QMUX header: {flags u8, transaction u16, message u16, length
	 * u16, TLVs}; requests, responses and indications. Of service 0: the answer to QK_QMUXD_CTL. */
	QK_QMUXD_SDU = 0,
	/* Payload {service u32} in a buffer of fixed size; the answer has {client id u32}, 0: refused. */
	QK_QMUXD_ALLOCATE = 1,
	/* Payload {service u32, client id u32}, likewise. */
	QK_QMUXD_RELEASE = 2,
	/* A CTL message: {flags u8, transaction u8, message u16, length u16, TLVs}. */
	QK_QMUXD_CTL = 11,
};

/* The buffer behind the header of QK_QMUXD_ALLOCATE and QK_QMUXD_RELEASE in the two releases of 2012 and
 * 2013. */
#define QK_QMUXD_BUFFER_2012 664u
#define QK_QMUXD_BUFFER_2013 808u

#define QK_QMUXD_HEADER_32 40u
#define QK_QMUXD_HEADER_64 48u
/* The longest message: what fits into a QMUX frame. */
#define QK_QMUXD_MAX (QK_QMUXD_HEADER_64 + QK_FRAME_MAX - QK_QMUX_HEADER)
/* How many bytes of a message qk_qmuxd_guess() wants to see, unless it has fewer. */
#define QK_QMUXD_GUESS 56u

struct qk_qmuxd_message {
	uint32_t program; /* qmuxd's number for it */
	uint32_t type;    /* enum qk_qmuxd_type */
	uint64_t transaction;
	int32_t system_error, qmi_error;
	uint32_t connection;
	uint32_t service;
	uint8_t client, flags;
	struct qk_span payload;
};

QK_PUBLIC size_t qk_qmuxd_header(enum qk_qmuxd_layout layout);

/* The message that `bytes` begin with; its payload is borrowed. Returns its bytes; 0 when more are
 * needed; -EBADMSG when its size is none: shorter than its header, longer than QK_QMUXD_MAX. */
QK_PUBLIC QK_MUST_CHECK int qk_qmuxd_read(struct qk_span bytes, enum qk_qmuxd_layout layout,
					  struct qk_qmuxd_message *ret);

/* Appends a message. Errors stay in the writer; -EMSGSIZE there when the message is too long. */
QK_PUBLIC void qk_qmuxd_write(struct qk_writer *w, enum qk_qmuxd_layout layout,
			      const struct qk_qmuxd_message *message);

/* Which layout the message has that `bytes` begin with: by the length inside a QMI message, by the sizes
 * of the known buffers, else by where a service is. 1 and `*ret`; 0 when more bytes are needed; -EBADMSG
 * when it can be neither. */
QK_PUBLIC QK_MUST_CHECK int qk_qmuxd_guess(struct qk_span bytes, enum qk_qmuxd_layout *ret);

#ifdef __cplusplus
}
#endif
