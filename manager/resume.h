/*
 * Resume: connections that outlive the daemon. What is up is noted as it changes; the next daemon finds the client
 * ids in the broker's lease, asks the modem whether the data calls are up, and has the same bearers again.
 *
 * Owns: nothing; the note is the registry's. Does not know: what a bearer's record holds.
 * Lifetime: that of the modem. Called from: initialize.c, state.c.
 */
#pragma once

struct modem;

/* Begins to take up what was noted; operations that are started later come behind it. */
void resume_begin(struct modem *modem);
/* Notes what is up now. */
void resume_note(struct modem *modem);
