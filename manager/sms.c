/*
 * SMS: parts make a message; what they say is told when all are there. Sending and storing go part by part.
 */
#include "sms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wms.h>

#include "lib/3gpp/sms-text.h"
#include "messaging.h"
#include "request.h"
#include "time-text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The network may take this long for a part. */
enum { SEND_USEC = 120000000 };

static const struct {
	uint8_t qmi;
	enum mm_sms_storage storage;
} storages[] = {
	{ QK_WMS_STORAGE_TYPE_UIM, MM_SMS_STORAGE_SM },
	{ QK_WMS_STORAGE_TYPE_NV, MM_SMS_STORAGE_ME },
};

enum mm_sms_storage sms_storage_of(uint8_t qmi)
{
	for (size_t i = 0; i < COUNT(storages); i++)
		if (storages[i].qmi == qmi)
			return storages[i].storage;
	return MM_SMS_STORAGE_UNKNOWN;
}

bool sms_storage_qmi(json_int_t storage, uint8_t *ret)
{
	for (size_t i = 0; i < COUNT(storages); i++)
		if ((json_int_t)storages[i].storage == storage) {
			*ret = storages[i].qmi;
			return true;
		}
	return false;
}

static void set(struct sms *sms, const struct api_property *property, json_t *take_value)
{
	if (take_value)
		(void)api_object_set(sms->child.object, property, take_value);
}

const char *sms_path(const struct sms *sms)
{
	return api_object_path(sms->child.object);
}

void sms_set_state(struct sms *sms, enum mm_sms_state state)
{
	sms->state = state;
	set(sms, API_SMS_STATE, json_integer(state));
}

/* --- Parts */

bool sms_is_whole(const struct sms *sms)
{
	for (size_t i = 0; i < sms->count; i++)
		if (!sms->parts[i].there)
			return false;
	return true;
}

struct sms_part *sms_place(struct sms *sms, const struct qk_sms *pdu)
{
	const struct sms_part *known = NULL;
	size_t place = (size_t)pdu->header.part - 1;

	for (size_t i = 0; i < sms->count && !known; i++)
		known = sms->parts[i].there ? &sms->parts[i] : NULL;
	if (!pdu->header.has_parts || !known || pdu->header.parts != sms->count ||
	    place >= sms->count || sms->parts[place].there || known->pdu.type != pdu->type ||
	    !known->pdu.header.has_parts || known->pdu.header.reference != pdu->header.reference ||
	    strcmp(known->pdu.address.text, pdu->address.text) != 0)
		return NULL;
	return &sms->parts[place];
}

static json_t *time_json(const struct qk_sms_time *time)
{
	char text[64];

	if (!time->valid)
		return json_string("");
	return json_string(time_text(qk_sms_time_utc(time), time->quarters, text, sizeof(text)));
}

/* The text of all parts, or their octets. */
static void tell_content(struct sms *sms)
{
	size_t size = sms->count * QK_SMS_TEXT_MAX, used = 0;
	char *text = malloc(size);
	json_t *data = json_array();

	for (size_t i = 0; text && i < sms->count; i++) {
		const struct qk_sms *pdu = &sms->parts[i].pdu;
		int r = 0;

		if (pdu->coding == QK_SMS_8BIT)
			for (size_t n = 0; n < pdu->data_count; n++)
				json_array_append_new(data, json_integer(pdu->data[n]));
		else
			r = qk_sms_text(pdu, text + used, size - used);
		if (r > 0)
			used += (size_t)r < size - used ? (size_t)r : size - used - 1;
	}
	set(sms, API_SMS_TEXT, used ? json_text(text, used) : json_string(""));
	set(sms, API_SMS_DATA, data);
	free(text);
}

static enum mm_sms_pdu_type pdu_type(uint32_t type)
{
	switch ((enum qk_sms_type)type) {
	case QK_SMS_DELIVER:
		return MM_SMS_PDU_TYPE_DELIVER;
	case QK_SMS_SUBMIT:
		return MM_SMS_PDU_TYPE_SUBMIT;
	case QK_SMS_STATUS_REPORT:
		return MM_SMS_PDU_TYPE_STATUS_REPORT;
	}
	return MM_SMS_PDU_TYPE_UNKNOWN;
}

/* TS 23.040 9.2.3.12.1, in minutes. */
static uint32_t relative_minutes(uint8_t octet)
{
	if (octet <= 143)
		return (octet + 1u) * 5;
	if (octet <= 167)
		return 12 * 60 + (octet - 143u) * 30;
	if (octet <= 196)
		return (octet - 166u) * 24 * 60;
	return (octet - 192u) * 7 * 24 * 60;
}

static uint8_t relative_octet(uint32_t minutes)
{
	for (unsigned int octet = 0; octet < 255; octet++)
		if (relative_minutes((uint8_t)octet) >= minutes)
			return (uint8_t)octet;
	return 255;
}

static void tell_of_first(struct sms *sms, const struct sms_part *part)
{
	const struct qk_sms *pdu = &part->pdu;

	set(sms, API_SMS_PDU_TYPE, json_integer(pdu_type(pdu->type)));
	set(sms, API_SMS_NUMBER, json_string(pdu->address.text));
	set(sms, API_SMS_SMSC, json_string(pdu->smsc.text));
	set(sms, API_SMS_CLASS, json_integer(pdu->message_class));
	set(sms, API_SMS_DELIVERY_REPORT_REQUEST,
	    json_boolean(pdu->type == QK_SMS_SUBMIT && pdu->report));
	if (pdu->type != QK_SMS_SUBMIT)
		set(sms, API_SMS_TIMESTAMP, time_json(&pdu->sent));
	if (pdu->type == QK_SMS_SUBMIT && pdu->validity == QK_SMS_VALIDITY_RELATIVE)
		set(sms, API_SMS_VALIDITY,
		    json_pack("[i, [s, i]]", MM_SMS_VALIDITY_TYPE_RELATIVE, "u",
			      (int)relative_minutes(pdu->validity_octets[0])));
	if (pdu->type == QK_SMS_STATUS_REPORT)
		sms_take_report(sms, pdu);
	set(sms, API_SMS_STORAGE,
	    json_integer(part->stored ? sms_storage_of(part->storage) : MM_SMS_STORAGE_UNKNOWN));
}

void sms_tell(struct sms *sms)
{
	for (size_t i = 0; i < sms->count; i++)
		if (sms->parts[i].there) {
			tell_of_first(sms, &sms->parts[i]);
			break;
		}
	if (sms_is_whole(sms))
		tell_content(sms);
}

void sms_take_report(struct sms *sms, const struct qk_sms *report)
{
	set(sms, API_SMS_MESSAGE_REFERENCE, json_integer(report->reference));
	set(sms, API_SMS_TIMESTAMP, time_json(&report->sent));
	set(sms, API_SMS_DISCHARGE_TIMESTAMP, time_json(&report->done));
	set(sms, API_SMS_DELIVERY_STATE, json_integer(report->status));
}

/* --- One to be sent */

/* The parts' PDUs of a text; -EINVAL. */
static int compose_text(struct modem *modem, const char *text, int message_class, struct sms **ret)
{
	struct qk_sms_split split;
	struct sms *sms;
	int r = qk_sms_split(text, (uint8_t)*modem->host->next_sms, &split);

	if (r == 0)
		r = sms_new(modem, split.parts, &sms);
	for (size_t i = 0; r == 0 && i < sms->count; i++) {
		sms->parts[i].there = true;
		sms->parts[i].pdu.message_class = -1;
		(void)qk_sms_take_part(&split, message_class, &sms->parts[i].pdu);
	}
	if (r == 0)
		*ret = sms;
	return r == -EMSGSIZE ? -EINVAL : r;
}

static int compose_data(struct modem *modem, const json_t *data, struct sms **ret)
{
	struct sms *sms;
	struct qk_sms *pdu;
	const json_t *octet;
	size_t i;
	int r;

	if (json_array_size(data) > QK_SMS_DATA_MAX)
		return -EINVAL;
	r = sms_new(modem, 1, &sms);
	if (r < 0)
		return r;
	pdu = &sms->parts[0].pdu;
	sms->parts[0].there = true;
	qk_sms_set_dcs(pdu, 0x04);
	pdu->has_data = true;
	json_array_foreach(data, i, octet) pdu->data[i] = (uint8_t)json_integer_value(octet);
	pdu->data_count = (uint8_t)json_array_size(data);
	*ret = sms;
	return 0;
}

/* What is the same in all parts. */
static int complete(struct sms *sms, const json_t *properties)
{
	const char *number = json_string_value(json_object_get(properties, "number"));
	const char *smsc = json_string_value(json_object_get(properties, "smsc"));
	const json_t *validity = json_object_get(properties, "validity");
	json_int_t minutes = json_integer_value(json_array_get(json_array_get(validity, 1), 1));
	int r = 0;

	for (size_t i = 0; r == 0 && i < sms->count; i++) {
		struct qk_sms *pdu = &sms->parts[i].pdu;

		pdu->type = QK_SMS_SUBMIT;
		pdu->has_pid = pdu->has_dcs = true;
		pdu->report = json_is_true(json_object_get(properties, "delivery-report-request"));
		if (json_integer_value(json_array_get(validity, 0)) ==
		    MM_SMS_VALIDITY_TYPE_RELATIVE) {
			pdu->validity = QK_SMS_VALIDITY_RELATIVE;
			pdu->validity_octets[0] = relative_octet((uint32_t)minutes);
		}
		r = qk_sms_set_address(&pdu->address, number);
		if (r == 0 && smsc && smsc[0])
			r = qk_sms_set_number(&pdu->smsc, smsc);
	}
	return r;
}

int sms_compose(struct modem *modem, const json_t *properties, struct sms **ret,
		const char **ret_wrong)
{
	const char *text = json_string_value(json_object_get(properties, "text"));
	const json_t *data = json_object_get(properties, "data");
	const json_t *klass = json_object_get(properties, "class");
	json_int_t number = klass ? json_integer_value(klass) : -1;
	struct sms *sms = NULL;
	int r = -EINVAL;

	*ret_wrong = "the text or the data cannot be sent";
	if (!json_object_get(properties, "number"))
		*ret_wrong = "'number' is missing";
	else if (!text == !data)
		*ret_wrong = "one of 'text' and 'data' is needed";
	else if (number < -1 || number > 3)
		*ret_wrong = "a class is 0 to 3, or -1 for none";
	else
		r = text ? compose_text(modem, text, (int)number, &sms)
			 : compose_data(modem, data, &sms);
	if (r < 0)
		return r;
	r = complete(sms, properties);
	if (r < 0) {
		*ret_wrong = "the number cannot be one";
		sms_free(sms);
		return r;
	}
	sms_tell(sms);
	*ret = sms;
	return 0;
}

/* --- Send() and Store() */

/* The message that a request is for may go while the modem is asked. */
static struct sms *sms_of(struct operation *op)
{
	struct sms *sms = messaging_find(operation_modem(op), request_of(op)->path);

	if (!sms)
		operation_fail(op, MM_CORE_ERROR_ABORTED, "the message has gone");
	return sms;
}

static void refuse(struct operation *op, uint16_t error, const char *doing, unsigned int cause)
{
	struct failure failure;

	failure_from(&failure, 0, error, doing);
	if (cause)
		operation_fail(op, failure.name, "%s; RP cause %u", failure.text, cause);
	else
		operation_fail(op, failure.name, "%s", failure.text);
}

static void send_next(struct operation *op);
static void store_next(struct operation *op);

static void take_sent(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_wms_raw_send_response *r = response;
	struct sms *sms = sms_of(op);

	(void)about;
	if (!sms)
		return;
	if (error) {
		refuse(op, error, "send the message",
		       r->has_gsm_wcdma_cause_info ? r->gsm_wcdma_cause_info.rp_cause : 0);
		return;
	}
	set(sms, API_SMS_MESSAGE_REFERENCE, json_integer(r->message_id));
	sms->at++;
	send_next(op);
}

/* The bytes of the part that is due. NULL: there is none, or it ends the operation. */
static const struct sms *write_part(struct operation *op, struct qk_bytes *ret,
				    uint8_t pdu[QK_SMS_PDU_MAX])
{
	const struct sms *sms = sms_of(op);
	int size;

	if (!sms || sms->at >= sms->count)
		return NULL;
	size = qk_sms_encode(&sms->parts[sms->at].pdu, pdu, QK_SMS_PDU_MAX);
	if (size < 0) {
		operation_fail(op, MM_CORE_ERROR_FAILED, "the message cannot be written: %s",
			       strerror(-size));
		return NULL;
	}
	*ret = (struct qk_bytes){ pdu, (size_t)size };
	return sms;
}

static void send_next(struct operation *op)
{
	uint8_t pdu[QK_SMS_PDU_MAX];
	struct qk_bytes bytes;

	if (!write_part(op, &bytes, pdu))
		return;

	const struct qk_wms_raw_send_request request = {
		.has_raw_message_data = true,
		.raw_message_data = { QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT, bytes },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wms_raw_send_method,
					      .take = take_sent,
					      .request = &request,
					      .timeout_usec = SEND_USEC });
}

static void take_stored(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wms_raw_write_response *r = response;
	struct sms *sms = sms_of(op);
	struct sms_part *part;

	(void)about;
	if (!sms)
		return;
	if (error) {
		refuse(op, error, "store the message", 0);
		return;
	}
	part = &sms->parts[sms->at++];
	part->stored = true;
	part->storage = sms->storage;
	part->index = r->memory_index;
	store_next(op);
}

static void store_next(struct operation *op)
{
	uint8_t pdu[QK_SMS_PDU_MAX];
	struct qk_bytes bytes;
	const struct sms *sms = write_part(op, &bytes, pdu);

	if (!sms)
		return;

	const struct qk_wms_raw_write_request request = {
		.has_raw_message_data = true,
		.raw_message_data = { sms->storage, QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT,
				      bytes },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wms_raw_write_method,
					      .take = take_stored,
					      .request = &request });
}

static void begin_sending(struct operation *op)
{
	struct sms *sms = sms_of(op);

	if (!sms)
		return;
	sms->at = 0;
	sms_set_state(sms, MM_SMS_STATE_SENDING);
	send_next(op);
}

static void end_sending(struct request *request, const struct failure *failure)
{
	struct sms *sms = messaging_find(request->modem, request->path);

	if (sms && failure)
		sms_set_state(sms,
			      sms->parts[0].stored ? MM_SMS_STATE_STORED : MM_SMS_STATE_UNKNOWN);
	else if (sms)
		sms_set_state(sms, MM_SMS_STATE_SENT);
}

static const struct step send_steps[] = { { "send the message", begin_sending } };

/* Of two that answer for the same parts the second one would go past them. */
static bool is_busy(const struct sms *sms, struct api_call *call)
{
	if (sms->storing)
		api_call_error(call, MM_CORE_ERROR_IN_PROGRESS, "the message is being stored");
	return sms->storing;
}

static void on_send(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { send_steps, COUNT(send_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, end_sending };
	const struct sms *sms = userdata;

	if (is_busy(sms, call))
		return;
	if (sms->state == MM_SMS_STATE_UNKNOWN || sms->state == MM_SMS_STATE_STORED)
		request_start_on(call, in, sms->modem, &kind, sms_path(sms));
	else
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the message is %s",
			       api_value_name(&api_values_sms_state, sms->state));
}

static void begin_storing(struct operation *op)
{
	struct sms *sms = sms_of(op);
	json_int_t wanted = request_number(op, 0);

	if (!sms)
		return;
	if (wanted == MM_SMS_STORAGE_UNKNOWN)
		wanted = json_integer_value(
			api_object_get(sms->modem->object, API_MESSAGING_DEFAULT_STORAGE));
	sms->at = 0;
	sms->storing = true;
	(void)sms_storage_qmi(wanted, &sms->storage);
	store_next(op);
}

static void end_storing(struct request *request, const struct failure *failure)
{
	struct sms *sms = messaging_find(request->modem, request->path);

	if (sms)
		sms->storing = false;
	if (!sms || failure)
		return;
	sms_set_state(sms, MM_SMS_STATE_STORED);
	set(sms, API_SMS_STORAGE, json_integer(sms_storage_of(sms->storage)));
}

static const struct step store_steps[] = { { "store the message", begin_storing } };

static void on_store(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { store_steps, COUNT(store_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, end_storing };
	json_int_t wanted = json_integer_value(json_array_get(in, 0));
	const struct sms *sms = userdata;
	uint8_t storage;

	if (is_busy(sms, call))
		return;
	if (sms->state != MM_SMS_STATE_UNKNOWN || sms->at > 0)
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the message is %s",
			       api_value_name(&api_values_sms_state, sms->state));
	else if (wanted != MM_SMS_STORAGE_UNKNOWN && !sms_storage_qmi(wanted, &storage))
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the modem has no storage %lld",
			       (long long)wanted);
	else
		request_start_on(call, in, sms->modem, &kind, sms_path(sms));
}

/* --- The object */

static const struct api_handler handlers[] = {
	{ API_METHOD_SMS_SEND, on_send },
	{ API_METHOD_SMS_STORE, on_store },
};

int sms_new(struct modem *modem, size_t count, struct sms **ret)
{
	struct sms *sms = calloc(1, sizeof(*sms));
	char path[64];
	int r = -ENOMEM;

	if (!sms)
		return -ENOMEM;
	sms->modem = modem;
	sms->count = count;
	sms->parts = calloc(count, sizeof(*sms->parts));
	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/SMS/%u",
		 (*modem->host->next_sms)++);
	if (sms->parts)
		r = api_object_new(modem->bus, path, API_UNLISTED, sms, &sms->child.object);
	if (r == 0)
		r = api_object_add(sms->child.object, API_SMS, handlers, COUNT(handlers));
	if (r < 0) {
		sms_free(sms);
		return r;
	}
	set(sms, API_SMS_CLASS, json_integer(-1));
	/* Of no type, the value is one all the same. */
	set(sms, API_SMS_VALIDITY, json_pack("[i, [s, b]]", MM_SMS_VALIDITY_TYPE_UNKNOWN, "b", 0));
	set(sms, API_SMS_DELIVERY_STATE, json_integer(MM_SMS_DELIVERY_STATE_UNKNOWN));
	*ret = sms;
	return 0;
}

struct sms *sms_free(struct sms *sms)
{
	if (!sms)
		return NULL;
	api_object_free(sms->child.object);
	free(sms->parts);
	free(sms);
	return NULL;
}
