/*
 * Card, inside: what card.c and card-files.c share.
 *
 * Owns: nothing. Does not know: PINs' codes. Lifetime: none. Called from: card.c and card-files.c alone.
 */
#pragma once

#include "card.h"

/* The files that follow from the identity and the profile's own, which replace them. */
void qk_sim_card_make_files(struct qk_sim_state *state);

/* Whether what an access (enum qk_sim_access) asks for is given. */
bool qk_sim_card_allows(const struct qk_sim_card *card, uint8_t access);
