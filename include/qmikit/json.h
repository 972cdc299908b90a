/*
 * JSON: message structs to JSON and back by the descriptors. A library of its own
 * (libqmikit-json) so that libqmikit needs libc alone; it stands on jansson.
 *
 * Owns: nothing. Does not know: devices. Lifetime: a returned json_t is the caller's reference.
 * Called from: the tools' --json, the virtual modem's profiles, traces, tests.
 *
 * The form: a message is an object, a TLV or a field is a member under its definition name, absent
 * TLVs are absent members. Numbers are as on the wire, in the documented unit. An enum is its name
 * (a number when unknown), flags are a list of names (an unknown rest is a number in the list),
 * bytes are a lower-case hex string, text is a string (text that is not UTF-8: {"bytes": HEX}).
 * 64-bit values beyond 2^63-1 are decimal strings. What the definition does not know is the list
 * "unknown-tlvs": [{"tlv": 48, "kind": "unknown", "bytes": "00ff"}].
 */
#pragma once

#include <jansson.h>
#include <qmikit/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new reference, or NULL when memory is out. */
QK_PUBLIC json_t *qk_to_json(const struct qk_message *message, const void *decoded);

/* The reverse: fills the struct at `ret` from `object`; text and lists go to `arena`. Returns 0;
 * -EINVAL with a sentence in `error` (which member, what is wrong); -ENOBUFS when the arena is
 * full. Unknown members are an error. */
QK_PUBLIC QK_MUST_CHECK int qk_from_json(const struct qk_message *message, const json_t *object,
					 struct qk_arena *arena, void *ret, char *error,
					 size_t error_size);

#ifdef __cplusplus
}
#endif
