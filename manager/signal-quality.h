/*
 * Signal quality: the percents of the modem's object and whether they are recent.
 *
 * Owns: when they are read again. Does not know: dBm on the bus (signal.c).
 * Lifetime: that of the modem. Called from: network.c, signal.c, card.c.
 */
#pragma once

struct modem;
struct qk_nas_get_signal_info_response;

/* What came of a question about the signal; `values` NULL: nothing did. */
void signal_quality_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values);
/* The modem is not enabled (any more): 0, and nothing is asked. */
void signal_quality_forget(struct modem *modem);
