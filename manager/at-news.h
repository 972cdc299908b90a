/*
 * AT news: what the modem says unasked on its AT port. A line says only that something changed; what became of it is
 * then read, by QMI, or by AT where QMI lacks it.
 *
 * Owns: nothing; which reads run and which are due again is in the modem. Does not know: ports, what is read.
 * Lifetime: that of the modem. Called from: at.c.
 * Sources: 3GPP TS 27.007, TS 27.005 (+CMTI, +CDSI, +CBM), Quectel's EC2x AT manual (RDY, +QIND, +QUSIM, +QSIMSTAT).
 */
#pragma once

struct modem;

/* The port, or the modem behind it, has forgotten what it was told. */
void at_news_begin_anew(struct modem *modem);
void at_news_take(struct modem *modem, const char *line);
