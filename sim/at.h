/*
 * AT: the ports of the virtual modem that speak AT. Bytes go in and come out; what is said about the
 * modem is read from the state model and written to it, so QMI sees what AT does and the other way.
 *
 * Owns: each port's line, settings and waiting command; for each modem the settings its ports share.
 * Does not know: files, descriptors, event loops, clocks, USB.
 * Lifetime: qk_at_attach() to qk_at_detach(), or to the end of the modem.
 * Called from: the USB face (interfaces 2 and 3), face-at, tests. One thread.
 *
 * Input comes in any cut. A line is bounded (QK_AT_LINE_MAX), and so is what waits for the end of a
 * response. Output goes to the sink at once; the sink bounds its queue.
 */
#pragma once

#include <qmikit/wire.h>

#include "sim.h"

/* The characters of a command line behind "AT", without its end. A longer one is an error [U]. */
#define QK_AT_LINE_MAX 1024

struct qk_at_port;

/* Which port of the modem this is: where AT+QURCCFG="urcport" sends unsolicited results. */
enum qk_at_role {
	QK_AT_USBAT,    /* USB interface 2, and the pty of --at */
	QK_AT_USBMODEM, /* USB interface 3 */
	QK_AT_UART,     /* uart1 */
};

/* Where a port's output goes. The function may not call into the modem. */
struct qk_at_sink {
	/* Borrowed bytes: an echo, a response, an unsolicited result. */
	void (*bytes)(void *userdata, struct qk_span bytes);
};

/* A port of `sim` that is closed and has the settings of a modem that has just come up. -ENOMEM. */
QK_MUST_CHECK int qk_at_attach(struct qk_sim *sim, enum qk_at_role role,
			       const struct qk_at_sink *sink, void *userdata,
			       struct qk_at_port **ret);
/* What ran on it is forgotten. NULL is fine; returns NULL. */
struct qk_at_port *qk_at_detach(struct qk_at_port *port);

/*
 * The host opens the port (DTR rises) or closes it (DTR drops). A closed port says nothing: what is
 * unsolicited is lost, as on the modem. Closing drops half a line and a command that waits; a call that
 * was dialled goes on or ends by AT&D. Bytes that come to a closed port are taken and answered, as
 * option writes without DTR too; the answer goes to the sink.
 */
void qk_at_set_open(struct qk_at_port *port, bool open);

/* Bytes from the host, in any cut. */
void qk_at_input(struct qk_at_port *port, struct qk_span bytes);
