/*
 * Vendors: which of the messages that vendors have added for themselves a modem knows, and whose a
 * request is.
 *
 * Owns: nothing. Does not know: handlers, what a message means.
 * Lifetime: plain functions. Called from: qmi.c, which finds who answers.
 */
#pragma once

#include "modem.h"

/*
 * The method of a request that is no message of everyone's: that of a vendor in the profile, or NULL.
 * Two vendors may use one number. Then it is the first in the profile's order whose definition fits the
 * request: every TLV that it needs is there, and none that it has not, or has in another form. Where none
 * fits it is the first that has the number, whose mistake is told.
 */
const struct qk_method *qk_sim_vendor_method(struct qk_sim *sim, const struct qk_frame *frame);

/* Whether a modem of this profile knows the messages of `vendor`; 0, everyone's, it does. */
bool qk_sim_vendor_known(const struct qk_sim_profile *profile, uint16_t vendor);
