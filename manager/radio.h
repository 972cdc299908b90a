/*
 * Radio: bands, modes, capabilities and signals as QMI counts them and as the bus does.
 *
 * Owns: nothing but const tables. Does not know: modems.
 * Lifetime: pure functions. Called from: initialize.c and whoever sets bands or modes.
 * Sources: the published band constants of ModemManager; libqmi's band flags; 3GPP TS 36.101, TS 25.101.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

struct qk_nas_get_signal_info_response;

/* An array of MM_MODEM_BAND_* of the flags of DMS and NAS and up to 256 LTE bands, a bit each from band 1. */
json_t *radio_bands(uint64_t bands, const uint64_t lte[4]);

/* MM_MODEM_CAPABILITY_* and MM_MODEM_MODE_* of a list of QK_DMS_RADIO_INTERFACE_*. */
uint32_t radio_capabilities(const uint8_t *interfaces, size_t count);
uint32_t radio_modes(const uint8_t *interfaces, size_t count);
/* MM_MODEM_MODE_* of QK_NAS_RAT_MODE_PREFERENCE_* flags. */
uint32_t radio_modes_of_preference(uint16_t preference);

uint16_t radio_preference_of_modes(uint32_t modes);
/* MM_MODEM_MODE_* of one QK_NAS_RADIO_INTERFACE_*; 0: none. */
uint32_t radio_mode_of(int8_t interface);
/* The flags of NAS for an array of MM_MODEM_BAND_*, and the LTE bands of it. */
uint64_t radio_flags_of_bands(const json_t *bands, uint64_t ret_lte[4]);
/* The radio interfaces of all `modes`: the preferred one's, then the newest first. Returns their number. */
size_t radio_acquisition_order(uint32_t modes, uint32_t preferred, int8_t *ret_order, size_t max);

/* Every set of allowed modes within `modes`, with each mode that can be preferred: an array of (uu). */
json_t *radio_mode_combinations(uint32_t modes);

/* 0 to 100, of the best radio that is measured; -1: none is. */
int radio_signal_quality(const struct qk_nas_get_signal_info_response *values);
