/*
 * Codec: typed structs to TLVs and back, and structs to text, all by the descriptors that codegen
 * writes from protocol/.
 *
 * Owns: nothing. Decodes into the caller's struct and arena, encodes into the caller's buffer.
 * Does not know: devices, clients, transactions, JSON.
 * Lifetime: pointers in a decoded struct live as long as its arena; they never point into the frame.
 * Called from: device, json, the tools and the virtual modem, which decodes requests and encodes
 * responses with the same calls.
 *
 * Every message struct begins with `struct qk_extras extras`: what the definition does not know.
 * Every TLV has a `has_` flag and a member; a response has also `has_result` and `result` at the
 * same place in every struct (struct qk_response).
 */
#pragma once

#include <qmikit/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text of a TLV: bytes as they came, ended by a 0 that `size` does not count. It may hold bytes
 * that are not UTF-8; whoever shows it checks. */
struct qk_string {
	const char *data;
	size_t size;
};

struct qk_bytes {
	const uint8_t *data;
	size_t size;
};

/* What every list member looks like: generated structs spell it with a typed `items`. */
struct qk_list {
	void *items;
	size_t count;
};

enum qk_extra_kind {
	QK_EXTRA_UNKNOWN,   /* a TLV that the definition does not have */
	QK_EXTRA_MALFORMED, /* shorter than its definition, or a count that cannot be true */
	QK_EXTRA_DUPLICATE, /* the second TLV of a type; the first one counts */
	QK_EXTRA_TRAILING,  /* bytes behind what the definition knows of a TLV that stands */
};

struct qk_extra {
	enum qk_extra_kind kind;
	uint8_t type;          /* of the TLV */
	struct qk_bytes value; /* in the arena */
};

struct qk_extras {
	const struct qk_extra *items;
	size_t count;
};

/* TLV 0x02 of every response. `status` 0 is success; else `error` is a QMI protocol error (enum
 * qk_error). */
struct qk_result {
	uint16_t status;
	uint16_t error;
};

/* The common start of every response struct. */
struct qk_response {
	struct qk_extras extras;
	bool has_result;
	struct qk_result result;
};

enum qk_kind {
	QK_KIND_UINT,   /* unsigned; an enum or a flags type when it has values */
	QK_KIND_INT,    /* signed, likewise */
	QK_KIND_BOOL,   /* u8 on the wire */
	QK_KIND_FLOAT,  /* IEEE 754, 4 or 8 bytes */
	QK_KIND_DIGITS, /* char[fixed + 1]: ASCII digits, 0xff fills up the wire form (MCC, MNC) */
	QK_KIND_STRING, /* struct qk_string */
	QK_KIND_BYTES,  /* struct qk_bytes */
	QK_KIND_STRUCT,
};

enum {
	QK_FIELD_BIG_ENDIAN = 1 << 0,
	QK_FIELD_PERSONAL = 1 << 1, /* identifies a person or a SIM: masked in traces */
	QK_FIELD_LIST = 1 << 2,     /* a list of what `kind` says */
	QK_FIELD_FLAGS = 1 << 3,    /* its values name bits */
};

/* A number and its name. */
struct qk_value_name {
	int64_t value; /* for flags: the mask of one bit, or a whole value that has a name */
	const char *name;
};

/* What follows are rows of tables. They refer to names and to each other by number, which no loader
 * has to put right at the start of a program; the calls below read them: qk_field_name(),
 * qk_field_members(), qk_field_values(), qk_field_unit(), qk_message_name(), qk_nth_value(). */

/* The names of an enum or flags type. */
struct qk_values {
	uint16_t first, count;
	uint16_t first_newer, newer_count; /* those that Debian's libqmi (1.32) has no name for */
};

/* One field: where it is in its struct and how it looks on the wire. */
struct qk_field {
	uint32_t name_at; /* see qk_field_name() */
	uint16_t offset;  /* in the enclosing struct */
	uint16_t size;    /* bytes of one value in memory (list: of one item) */
	uint16_t fixed;   /* text, bytes, list: this many; 0: `prefix` counts them */
	uint16_t max;     /* text, bytes, list: at most this many; 0: any */
	uint16_t below;   /* QK_KIND_STRUCT: its members; a number: its values; 0: none */
	uint8_t kind;     /* enum qk_kind */
	uint8_t width;    /* bytes of a number on the wire */
	uint8_t prefix;   /* bytes of the length or count before it; 0: rest of the TLV */
	uint8_t flags;    /* QK_FIELD_* */
	uint8_t unit;     /* see qk_field_unit() */
};

/* One TLV of a message: its value is one field. */
struct qk_tlv_def {
	struct qk_field field;
	uint16_t has; /* offset of the presence flag, a bool */
	uint8_t type;
	bool mandatory; /* in a response: when the result is success */
};

/* One message in one direction. */
struct qk_message {
	const struct qk_tlv_def *tlvs; /* in the order they are sent */
	uint32_t name_at;              /* see qk_message_name() */
	uint16_t size;                 /* of the C struct */
	uint16_t id;
	uint16_t service;
	uint16_t vendor; /* USB vendor id of those whose message it is alone; 0: everyone's */
	uint8_t tlv_count;
	uint8_t type; /* enum qk_message_type */
};

/* A request and its response. */
struct qk_method {
	const struct qk_message *request, *response;
};

struct qk_service {
	const char *name; /* "nas" */
	const char *title;
	const struct qk_method *methods;
	size_t method_count;
	const struct qk_message *const *indications;
	size_t indication_count;
	uint16_t id; /* above 255: of services that QRTR alone reaches */
};

/* A QMI protocol error: its number, libqmi's name for it, what it means, and what one may do. */
struct qk_error_info {
	uint16_t code;
	const char *name, *sentence, *hint; /* hint may be NULL */
};

/* Memory for one decode. Start with used = 0; reuse by setting it back to 0. */
struct qk_arena {
	uint8_t *base; /* aligned for any type (malloc, or alignas(max_align_t)) */
	size_t size, used;
};

/* `size` bytes of `arena`, aligned for any type and zeroed, or NULL when it is full. */
QK_PUBLIC void *qk_arena_take(struct qk_arena *arena, size_t size);

/*
 * Decodes `tlvs` into the struct of `message` at `ret`, which is cleared first.
 * A TLV that the definition lacks, that is too short, that comes twice or that is longer than known
 * goes to `extras` and the rest stands. Returns 0; -EBADMSG when the chain of TLVs itself is broken
 * (the TLVs before the break are decoded all the same); -ENOBUFS when the arena is full.
 */
QK_PUBLIC QK_MUST_CHECK int qk_decode(const struct qk_message *message, struct qk_span tlvs,
				      struct qk_arena *arena, void *ret);

/* The first mandatory TLV that `decoded` lacks, or -1. A response that failed needs only its
 * result. */
QK_PUBLIC int qk_missing_tlv(const struct qk_message *message, const void *decoded);

/*
 * Appends the TLVs of `value` (result first, then in the order of the definition, then unknown
 * ones of `extras`) to `writer`. Returns 0; -EINVAL when a count, a length or a number does not fit
 * its wire form; -ENOBUFS or -EMSGSIZE from the writer.
 */
QK_PUBLIC QK_MUST_CHECK int qk_encode(const struct qk_message *message, const void *value,
				      struct qk_writer *writer);

/* What the definitions have. NULL where they do not know. Numbers that each vendor uses as it likes
 * mean nothing without the vendor: the first two know no message of a vendor. */
QK_PUBLIC const struct qk_service *qk_service_by_id(uint16_t service);
QK_PUBLIC const struct qk_service *qk_service_by_name(const char *name);
QK_PUBLIC const struct qk_method *qk_method_by_id(uint16_t service, uint16_t message);
QK_PUBLIC const struct qk_message *qk_message_by_id(uint16_t service, enum qk_message_type type,
						    uint16_t message);
/* The message of the vendor with this USB id, or else everyone's. */
QK_PUBLIC const struct qk_message *qk_message_of_vendor(uint16_t vendor, uint16_t service,
							enum qk_message_type type,
							uint16_t message);

/* The message of a service by its definition name ("get-signal-info"), or NULL. */
QK_PUBLIC const struct qk_message *qk_message_by_name(const struct qk_service *service,
						      enum qk_message_type type, const char *name);
/* The TLV of a message by its definition name, or NULL. */
QK_PUBLIC const struct qk_tlv_def *qk_tlv_by_name(const struct qk_message *message,
						  const char *name);
/* Every service with definitions, for tools that list them; ends with NULL. */
QK_PUBLIC const struct qk_service *const *qk_services(void);

/* The short name of a service id ("nas"), also of services without definitions; NULL if unknown. */
QK_PUBLIC const char *qk_service_name(uint16_t service);

/* A QMI protocol error; NULL for a code nobody has named. */
QK_PUBLIC const struct qk_error_info *qk_error_by_code(uint16_t code);
QK_PUBLIC const struct qk_error_info *qk_error_by_name(const char *name);

/* The definition name of a message ("get-signal-info"). */
QK_PUBLIC const char *qk_message_name(const struct qk_message *message);

/* The name of a field, as in protocol/ and in JSON. */
QK_PUBLIC const char *qk_field_name(const struct qk_field *field);

/* The members of a struct, or of the structs of a list: `*ret_count` rows in wire order. None of
 * any other kind. */
QK_PUBLIC const struct qk_field *qk_field_members(const struct qk_field *field, size_t *ret_count);

/* The names of a number's values; NULL where it has none, and of any other kind. */
QK_PUBLIC const struct qk_values *qk_field_values(const struct qk_field *field);

/* The unit of a field's numbers: "dBm", "0.1dB", "s"; NULL: bare numbers. */
QK_PUBLIC const char *qk_field_unit(const struct qk_field *field);

/* The `index`-th of `values->count` values, which rise. */
QK_PUBLIC struct qk_value_name qk_nth_value(const struct qk_values *values, size_t index);

/* Whether Debian's libqmi (1.32) has no name for this value. */
QK_PUBLIC bool qk_value_is_newer(const struct qk_values *values, int64_t value);

/* The name of an enumerator or a single flag; NULL if the definition does not know it. */
QK_PUBLIC const char *qk_value_name(const struct qk_values *values, int64_t value);

/* The reverse: false when none of `values` has this name. */
QK_PUBLIC bool qk_value_by_name(const struct qk_values *values, const char *name, int64_t *ret);

/* Walks the names of the flags in `*bits`: each call returns one name and clears its bits, NULL when
 * no named one is left. A value that has a name as a whole ("none" for 0) gives just that name;
 * `first` says that this is the first call. */
QK_PUBLIC const char *qk_next_flag(const struct qk_values *values, uint64_t *bits, bool first);

/* A field's number out of memory at `value` (which points at the field itself): enums, flags,
 * integers and booleans; qk_store_number() is its reverse. */
QK_PUBLIC int64_t qk_load_number(const struct qk_field *field, const void *value);
QK_PUBLIC void qk_store_number(const struct qk_field *field, void *value, int64_t number);

/*
 * Finds a field by its path of definition names and list indexes:
 * "lte-signal-strength.rssi", "card-status.cards[0].card-state". On success `*ret_field` and
 * `*ret_value` (inside `decoded`; for a list field the struct qk_list unless an index is given,
 * then the item; the members of a list's items need one). Returns 0; -ENODATA when a TLV on the way
 * is absent or an index is past the end;
 * -ENOENT when no such field is defined; -EINVAL when the path is not well-formed.
 */
QK_PUBLIC QK_MUST_CHECK int qk_find(const struct qk_message *message, const void *decoded,
				    const char *path, const struct qk_field **ret_field,
				    const void **ret_value);

/* The text of a trace: one line a field, indented by two spaces a level, each line begun with
 * `indent`; personal fields as "###" unless `personal`. It is printable ASCII whatever the modem
 * sent: other bytes of a text are \xNN. Returns the bytes the whole text needs
 * (without the final 0), as snprintf does; what does not fit `size` is cut. */
QK_PUBLIC size_t qk_text(const struct qk_message *message, const void *decoded, const char *indent,
			 bool personal, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif
