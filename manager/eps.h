/*
 * EPS: what is the modem's own of LTE's attachment: the profile that it attaches with, the bearer that it has by that,
 * and its mode of operation.
 *
 * Owns: those properties of Modem3gpp, the object of the initial bearer. Does not know: the bearers of others.
 * Lifetime: that of the modem. Called from: card.c, network.c, settings.c, profile-manager.c, modem.c.
 */
#pragma once

#include <stdbool.h>
#include <qmikit/nas.h>

#include "api/object.h"

struct modem;
struct operation;

/* Steps: which profile the modem attaches with, then what is in it. */
void eps_find_profile(struct operation *operation);
void eps_read_profile(struct operation *operation);

/* The interface Modem3gpp is there: tells what is known. */
void eps_tell(struct modem *modem);
/* A part of a step: whether the modem is attached to LTE, and to whom. */
void eps_note_attachment(struct operation *operation, bool attached, const char *operator_code);
/* The selection holds the mode of operation. */
void eps_note_selection(struct modem *modem,
			const struct qk_nas_get_system_selection_preference_response *response);
/* Somebody changed profile `index`. */
void eps_note_change(struct modem *modem, uint8_t index);

/* There is no attachment any more; the modem goes. */
void eps_forget(struct modem *modem);
void eps_end(struct modem *modem);

/* The methods of Modem3gpp. */
void eps_on_set_settings(struct api_call *call, const json_t *in, void *userdata);
void eps_on_set_mode(struct api_call *call, const json_t *in, void *userdata);
