/*
 * Signal: the interface of that name: signal values by radio, asked for at a rate or told at thresholds.
 *
 * Owns: the timer. Does not know: percents (network.c).
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
/* Values that came: shown where somebody set the interface up. */
void signal_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values);
/* Nothing is measured any more. */
void signal_forget(struct modem *modem);
