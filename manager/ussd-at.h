/*
 * USSD by AT: sessions by AT+CUSD, for a modem whose VOICE service is not there or knows nothing of them. The AT port
 * speaks UCS2 from then on, until the modem is disabled.
 *
 * Owns: nothing; the session is ussd.c's. Does not know: the bus.
 * Lifetime: steps of operations. Called from: ussd.c, at.c.
 */
#pragma once

struct modem;
struct operation;

/* Has the network's words told, and no more. */
void ussd_at_listen(struct operation *operation);
void ussd_at_ignore(struct operation *operation);
/* Steps: a code or a reply, and what the network answers; the end. They do nothing where sessions go by QMI. */
void ussd_at_say(struct operation *operation);
void ussd_at_cancel(struct operation *operation);

/* The modem began anew: what it was told by AT is gone. */
void ussd_at_forget(struct modem *modem);

/* "+CUSD: …" that nobody waits for. */
void ussd_at_take(struct modem *modem, const char *line);
