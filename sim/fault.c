/*
 * Faults: their names, how one is written, and how a frame is bent (see fault.h).
 */
#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/codec.h>

#define FRAME_HEADER(frame) (QK_QMUX_HEADER + ((frame)->service == QK_SERVICE_CTL ? 6u : 7u))

struct fault_name {
	const char *name, *sentence;
	uint32_t value; /* when none is given; 0: it has none */
	uint32_t max;
	bool filter; /* it may be for one service or message */
	bool once;   /* unless a count is given */
};

#define MSEC_MAX 3600000u

static const struct fault_name fault_names[] = {
	[QK_SIM_FAULT_DROP] = { "drop-answer", "never answer", .filter = true },
	[QK_SIM_FAULT_DELAY] = { "delay-answer", "answer VALUE ms late (2000)", 2000, MSEC_MAX,
				 true },
	[QK_SIM_FAULT_TWICE] = { "answer-twice", "send the answer two times", .filter = true },
	[QK_SIM_FAULT_TRANSACTION] = { "wrong-transaction", "name another transaction",
				       .filter = true },
	[QK_SIM_FAULT_CUT] = { "cut-frame", "send half of the answer and hang up", .filter = true },
	[QK_SIM_FAULT_LENGTH] = { "wrong-length", "let the two lengths of the frame disagree",
				  .filter = true },
	[QK_SIM_FAULT_OVERRUN] = { "tlv-overrun", "let the last TLV claim too many bytes",
				   .filter = true },
	[QK_SIM_FAULT_DUPLICATE] = { "duplicate-tlv", "send the last TLV again, altered",
				     .filter = true },
	[QK_SIM_FAULT_TEXT] = { "bad-text", "put bytes that are not UTF-8 into text",
				.filter = true },
	[QK_SIM_FAULT_HUGE] = { "huge-frame", "fill the frame up to 64 KiB", .filter = true },
	[QK_SIM_FAULT_SERVICE] = { "unknown-service", "send a frame of an unknown service first",
				   .filter = true },
	[QK_SIM_FAULT_ERROR] = { "error-result", "refuse with QMI error VALUE (3)", 3, UINT16_MAX,
				 true },
	[QK_SIM_FAULT_NOISE] = { "noise", "send VALUE bytes that are no frame first (5)", 5,
				 UINT16_MAX, true },
	[QK_SIM_FAULT_QMI_SILENT] = { "qmi-silent", "let QMI take requests and say nothing",
				      .filter = true },
	[QK_SIM_FAULT_NO_INDICATION] = { "lose-indications", "send no indications",
					 .filter = true },
	[QK_SIM_FAULT_NO_CLIENTS] = { "no-clients", "have no client id left", .filter = true },
	[QK_SIM_FAULT_AT_SILENT] = { "at-silent", "let AT take commands and say nothing" },
	[QK_SIM_FAULT_LINUX_HUNG] = { "linux-hung",
				      "never end AT commands of the modem's own Linux" },
	[QK_SIM_FAULT_NO_RDY] = { "no-rdy", "boot without RDY" },
	[QK_SIM_FAULT_LATE_CARD] = { "late-card", "read the card VALUE ms late at a boot (30000)",
				     30000, MSEC_MAX },
	[QK_SIM_FAULT_LATE_QMI] = { "late-qmi", "answer QMI VALUE ms late at a boot (20000)", 20000,
				    MSEC_MAX },
	[QK_SIM_FAULT_CRASH] = { "crash", "leave the bus without a word for VALUE ms (15000)",
				 15000, MSEC_MAX, .once = true },
	[QK_SIM_FAULT_EDL] = { "edl", "come back as 05c6:9008 for VALUE ms first (4000)", 4000,
			       MSEC_MAX },
	[QK_SIM_FAULT_FASTBOOT] = { "fastboot", "come back as 18d1:d00d for VALUE ms first (4000)",
				    4000, MSEC_MAX },
	[QK_SIM_FAULT_REENUMERATE] = { "re-enumerate",
				       "leave the bus VALUE ms after it came, again and again (5000)",
				       5000, MSEC_MAX },
	[QK_SIM_FAULT_STALL] = { "stall-answer",
				 "USB: stall, and lose the answer, when it is fetched",
				 .filter = true },
	[QK_SIM_FAULT_NOTIFY_ONLY] = { "empty-notification", "USB: tell of an answer and have none",
				       .filter = true },
	[QK_SIM_FAULT_DATA_ONLY] = { "no-notification", "USB: have an answer and not tell of it",
				     .filter = true },
	[QK_SIM_FAULT_HANG_COMMAND] = { "hang-command", "USB: never acknowledge the request",
					.filter = true },
	[QK_SIM_FAULT_BREAK] = { "break-transfer",
				 "USB: vanish within the answer, for VALUE ms (15000)", 15000,
				 MSEC_MAX, .filter = true, .once = true },
	[QK_SIM_FAULT_SUSPEND] = { "suspend", "USB: forget the answers that wait to be fetched",
				   .once = true },
	[QK_SIM_FAULT_NO_DESCRIPTOR] = { "no-descriptor",
					 "USB: come back and be unreadable until a boot",
					 .once = true },
	[QK_SIM_FAULT_CALL_FAILS] = { "call-fails",
				      "refuse data calls with reason VALUE of type 3 (2001)", 2001,
				      INT16_MAX },
	[QK_SIM_FAULT_WEDGED] = { "wedged", "refuse data calls, and crash at the VALUEth (5)", 5,
				  UINT16_MAX },
	[QK_SIM_FAULT_NMEA_PANIC] = { "nmea-panic",
				      "crash VALUE ms after positioning went on (60000)", 60000,
				      MSEC_MAX },
	[QK_SIM_FAULT_DIAG_REFUSES] = { "diag-refuses", "DIAG: know no command" },
};

#define FAULT_COUNT (sizeof(fault_names) / sizeof(fault_names[0]))

const char *qk_sim_fault_name(size_t i, const char **ret_sentence)
{
	if (i >= FAULT_COUNT)
		return NULL;
	*ret_sentence = fault_names[i].sentence;
	return fault_names[i].name;
}

int qk_sim_fault_by_name(const char *name, uint32_t *ret_value)
{
	for (uint32_t i = 0; i < FAULT_COUNT; i++) {
		if (strcmp(fault_names[i].name, name) == 0) {
			*ret_value = fault_names[i].value;
			return (int)i;
		}
	}
	return -ENOENT;
}

static int refuse(char *error, size_t error_size, const char *what, const char *text)
{
	snprintf(error, error_size, "fault '%.60s': %s", text, what);
	return -EINVAL;
}

/* A decimal or 0x number that is the whole of `text`. */
static int parse_number(const char *text, uint32_t limit, uint32_t *ret)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	unsigned long number = strtoul(text, &end, 0);
	if (*end || errno || number > limit)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

/* "SERVICE[.MESSAGE]", each a name or a number. */
static int parse_filter(char *text, struct qk_sim_fault *fault)
{
	char *message = strchr(text, '.');

	if (message)
		*message++ = 0;
	const struct qk_service *service = qk_service_by_name(text);
	if (service)
		fault->service = service->id;
	else if (parse_number(text, UINT8_MAX, &fault->service) < 0)
		return -EINVAL;
	if (!message)
		return 0;
	const struct qk_message *known =
		service ? qk_message_by_name(service, QK_REQUEST, message) : NULL;
	if (known)
		fault->message = known->id;
	else
		return parse_number(message, UINT16_MAX, &fault->message);
	return 0;
}

static int parse_name(char *text, struct qk_sim_fault *fault)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = 0;
	int kind = qk_sim_fault_by_name(text, &fault->value);
	if (kind < 0)
		return kind;
	fault->kind = (uint32_t)kind;
	if (!value)
		return 0;
	/* only those with a value by default take one */
	return fault->value ? parse_number(value, fault_names[kind].max, &fault->value) : -EINVAL;
}

/* "AFTER[+FOR]" in milliseconds. */
static int parse_times(char *text, struct qk_sim_fault *fault)
{
	char *lasting = strchr(text, '+');

	if (lasting)
		*lasting++ = 0;
	if (parse_number(text, MSEC_MAX, &fault->after_msec) < 0)
		return -EINVAL;
	return lasting ? parse_number(lasting, MSEC_MAX, &fault->for_msec) : 0;
}

/* "[:SERVICE[.MESSAGE]][:COUNT]", cut at the colons. */
static const char *parse_rest(char **save, struct qk_sim_fault *fault)
{
	char *part = strtok_r(NULL, ":", save);
	char *last = part ? strtok_r(NULL, ":", save) : NULL;

	/* a lone number behind the name counts; "dms:3", "3" and "0x02:3" are told apart by place */
	if (part && !last && parse_number(part, UINT16_MAX, &fault->count) == 0)
		part = NULL;
	if (part && !fault_names[fault->kind].filter)
		return "it is for no service or message";
	if (part && parse_filter(part, fault) < 0)
		return "no such service or message";
	if (last && parse_number(last, UINT16_MAX, &fault->count) < 0)
		return "its count is no number";
	return strtok_r(NULL, ":", save) ? "too many parts" : NULL;
}

int qk_sim_fault_parse(const char *text, struct qk_sim_fault *ret, char *error, size_t error_size)
{
	struct qk_sim_fault fault = { .service = QK_SIM_ANY_SERVICE,
				      .message = QK_SIM_ANY_MESSAGE };
	char copy[128], *save = NULL;

	if (strlen(text) >= sizeof(copy))
		return refuse(error, error_size, "too long", text);
	memcpy(copy, text, strlen(text) + 1);
	char *times = strchr(copy, '@');
	if (times)
		*times++ = 0;
	char *part = strtok_r(copy, ":", &save);
	int r = part ? parse_name(part, &fault) : -ENOENT;
	if (r == -ENOENT)
		return refuse(error, error_size, "no such fault (--help lists them)", text);
	if (r < 0)
		return refuse(error, error_size, "its value is wrong", text);
	const char *wrong = parse_rest(&save, &fault);
	if (wrong)
		return refuse(error, error_size, wrong, text);
	if (times && parse_times(times, &fault) < 0)
		return refuse(error, error_size, "its times are no numbers of milliseconds", text);
	*ret = fault;
	return 0;
}

static bool matches(const struct qk_sim_fault *fault, const struct qk_frame *frame)
{
	return !frame ||
	       ((fault->service == QK_SIM_ANY_SERVICE || fault->service == frame->service) &&
		(fault->message == QK_SIM_ANY_MESSAGE || fault->message == frame->message));
}

static void remove_at(struct qk_sim_faults *faults, uint32_t i)
{
	struct qk_sim_fault *fault = &faults->armed[i];

	memmove(fault, fault + 1, (--faults->count - i) * sizeof(*fault));
}

int qk_sim_faults_arm(struct qk_sim_faults *faults, const struct qk_sim_fault *fault)
{
	/* those whose time is over make room */
	for (uint32_t i = faults->count; i-- > 0;)
		if (faults->armed[i].until_usec <= fault->from_usec)
			remove_at(faults, i);
	if (faults->count == QK_SIM_FAULTS_MAX)
		return -ENOBUFS;
	faults->armed[faults->count] = *fault;
	if (!fault->count && fault_names[fault->kind].once)
		faults->armed[faults->count].count = 1;
	faults->count++;
	return 0;
}

uint32_t qk_sim_faults_disarm(struct qk_sim_faults *faults, uint32_t kind)
{
	uint32_t before = faults->count;

	for (uint32_t i = before; i-- > 0;)
		if (kind == QK_SIM_FAULT_KINDS || faults->armed[i].kind == kind)
			remove_at(faults, i);
	return before - faults->count;
}

const struct qk_sim_fault *qk_sim_faults_find(const struct qk_sim_faults *faults, uint32_t kind,
					      uint64_t now_usec, const struct qk_frame *frame)
{
	for (uint32_t i = 0; i < faults->count; i++) {
		const struct qk_sim_fault *fault = &faults->armed[i];
		if (fault->kind == kind && fault->from_usec <= now_usec &&
		    now_usec < fault->until_usec && matches(fault, frame))
			return fault;
	}
	return NULL;
}

bool qk_sim_faults_take(struct qk_sim_faults *faults, uint32_t kind, uint64_t now_usec,
			const struct qk_frame *frame, struct qk_sim_fault *ret)
{
	const struct qk_sim_fault *found = qk_sim_faults_find(faults, kind, now_usec, frame);

	if (!found)
		return false;
	uint32_t i = (uint32_t)(found - faults->armed);
	faults->used[kind]++;
	faults->armed[i].used++;
	*ret = *found;
	if (found->count && found->used >= found->count)
		remove_at(faults, i);
	return true;
}

uint64_t qk_sim_faults_next_usec(const struct qk_sim_faults *faults, uint32_t kind,
				 uint64_t now_usec)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < faults->count; i++) {
		const struct qk_sim_fault *fault = &faults->armed[i];
		uint64_t from = fault->from_usec > now_usec ? fault->from_usec : now_usec;
		if (fault->kind == kind && from < fault->until_usec && from < next)
			next = from;
	}
	return next;
}

/* Where the last TLV begins, or 0 when there is none. */
static size_t last_tlv(const uint8_t *buffer, size_t size, const struct qk_frame *frame)
{
	size_t pos = FRAME_HEADER(frame), last = 0;

	while (pos + 3 <= size) {
		last = pos;
		pos += 3u + buffer[pos + 1] + ((size_t)buffer[pos + 2] << 8);
	}
	return last;
}

static void put_u16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

/* Sets both lengths of a frame to fit `size` bytes. */
static void set_lengths(uint8_t *buffer, size_t size, const struct qk_frame *frame)
{
	put_u16(buffer + 1, size - 1);
	put_u16(buffer + FRAME_HEADER(frame) - 2, size - FRAME_HEADER(frame));
}

static void duplicate(uint8_t *buffer, size_t *size, const struct qk_frame *frame)
{
	size_t last = last_tlv(buffer, *size, frame), length = *size - last;

	if (!last || *size + length > QK_FRAME_MAX)
		return;
	memcpy(buffer + *size, buffer + last, length);
	for (size_t i = *size + 3; i < *size + length; i++)
		buffer[i] ^= 0x01;
	*size += length;
	set_lengths(buffer, *size, frame);
}

static void fill_up(uint8_t *buffer, size_t *size, const struct qk_frame *frame)
{
	if (*size + 3 > QK_FRAME_MAX)
		return;
	uint8_t *tlv = buffer + *size;
	size_t length = QK_FRAME_MAX - *size - 3;
	tlv[0] = 0xfe;
	put_u16(tlv + 1, length);
	memset(tlv + 3, 0xa5, length);
	*size = QK_FRAME_MAX;
	set_lengths(buffer, *size, frame);
}

void qk_sim_fault_bend(const struct qk_sim_fault *fault, uint8_t *buffer, size_t *size)
{
	struct qk_frame frame;
	size_t skip;

	if (qk_frame_read((struct qk_span){ buffer, *size }, &frame, &skip) <= 0)
		return;
	size_t last = last_tlv(buffer, *size, &frame);
	if (fault->kind == QK_SIM_FAULT_TRANSACTION)
		buffer[QK_QMUX_HEADER + 1] ^= 0x40;
	else if (fault->kind == QK_SIM_FAULT_LENGTH)
		put_u16(buffer + FRAME_HEADER(&frame) - 2, frame.tlvs.size + 9);
	else if (fault->kind == QK_SIM_FAULT_OVERRUN && last)
		put_u16(buffer + last + 1, *size - last + 6);
	else if (fault->kind == QK_SIM_FAULT_DUPLICATE)
		duplicate(buffer, size, &frame);
	else if (fault->kind == QK_SIM_FAULT_HUGE)
		fill_up(buffer, size, &frame);
}
