/*
 * USSD by QMI: the answer to a code comes with the modem's answer, that to a reply by an indication, as does what the
 * network says by itself.
 *
 * Owns: nothing; the session is ussd.c's. Does not know: the bus.
 * Lifetime: steps of operations. Called from: ussd.c.
 */
#pragma once

struct operation;

/* Has the network's words told. */
void ussd_qmi_listen(struct operation *operation);
/* Steps: a code, a reply, the end. They do nothing where sessions go by AT; a modem that refuses to know a code's
 * message at all makes them go there. */
void ussd_qmi_originate(struct operation *operation);
void ussd_qmi_reply(struct operation *operation);
void ussd_qmi_cancel(struct operation *operation);
