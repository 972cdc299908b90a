/*
 * Power mode: what the modem says of its operating mode, when it is asked and by itself: somebody may have changed it
 * by AT, or by QMI beside us.
 *
 * Owns: the news of DMS. Does not know: how a mode is chosen (power.c).
 * Lifetime: that of the modem. Called from: initialize.c, modem.c, at-news.c.
 */
#pragma once

struct modem;
struct operation;

/* The step that reads it and has its changes told. */
void power_mode_listen(struct operation *operation);
/* The step that reads it alone, and tells what became of it. */
void power_mode_read(struct operation *operation);
void power_mode_end(struct modem *modem);
