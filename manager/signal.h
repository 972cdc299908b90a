/*
 * Signal: the interface of that name: signal values by radio, asked for at a rate or told at thresholds.
 *
 * Owns: when the modem is asked. Does not know: percents (signal-quality.c).
 * Lifetime: the interface's. Called from: card.c, network.c.
 */
#pragma once

struct modem;
struct operation;
struct qk_nas_get_signal_info_response;

void signal_add(struct modem *modem);
void signal_end(struct modem *modem);

/* The step that says at what changes the modem is to tell. */
void signal_configure(struct operation *operation);
/* The end of enabling: begins to ask at the rate that was chosen. */
void signal_begin(struct operation *operation);
/* Values that came: shown where somebody set the interface up. */
void signal_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values);
/* Nothing is measured any more, and nothing asked. */
void signal_forget(struct modem *modem);
