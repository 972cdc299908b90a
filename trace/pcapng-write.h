/*
 * pcapng write: the blocks of a recording, each in one buffer (see link-header.h for what they hold).
 *
 * Owns: nothing; fills the caller's buffers, allocates nothing, so that a signal handler may use it.
 * Does not know: files, time, QMI. Lifetime: one call.
 * Called from: the recorder, qmi-trace where it writes recordings.
 *
 * Source: draft-ietf-opsawg-pcapng (sections 4.1 Section Header, 4.2 Interface Description, 4.3
 * Enhanced Packet, 3.5 options).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What every recording begins with, always the same bytes: a section header and one interface. */
#define QK_PCAPNG_HEAD 76

void qk_pcapng_head(uint8_t ret[QK_PCAPNG_HEAD]);
