/*
 * Device id: the name of a modem that is the same whenever it is plugged in, of what it says of itself.
 *
 * Owns: nothing. Does not know: modems, buses.
 * Lifetime: a pure function. Called from: initialize.c.
 * Source: the algorithm of ModemManager's DeviceIdentifier, by its published results: SHA-1 of the USB ids, 8 digits
 * of hex each (none for 0), and behind them the answers without spaces, ends of lines and what is not ASCII.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DEVICE_ID_SIZE = 41 };

/* `answers`, in their order: of ATI and ATI1 (QMI modems: none), IMEI, revision, model, manufacturer; NULL is none.
 * "" where there is none at all. */
void device_id(uint16_t vendor, uint16_t product, const char *const *answers, size_t count,
	       char ret_id[DEVICE_ID_SIZE]);
