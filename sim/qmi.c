/*
 * QMI: a request comes in, its handler is found, its answer goes out (see modem.h).
 *
 * What is wrong with a request is answered as a Qualcomm modem does: a client id that is not
 * allocated 7 (or nothing, by profile) [U], a message nobody has 71 [C], a broken one 1, a mandatory
 * TLV that is missing 17.
 */
#include <errno.h>
#include <string.h>

#include "large.h"
#include "modem.h"
#include "vendors.h"

#define RESULT_TLV 0x02

static const struct qk_sim_service_table *const tables[] = {
	&qk_sim_ctl, &qk_sim_wds,  &qk_sim_dms,  &qk_sim_nas,   &qk_sim_uim,
	&qk_sim_wda, &qk_sim_dsd,  &qk_sim_wms,  &qk_sim_voice, &qk_sim_loc,
	&qk_sim_pdc, &qk_sim_sar,  &qk_sim_oma,  &qk_sim_at,    &qk_sim_atr,
	&qk_sim_ims, &qk_sim_imsa, &qk_sim_imsp, &qk_sim_qos,   &qk_sim_pbm,
};

const struct qk_sim_service_table *qk_sim_table(uint8_t service)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i]->service == service)
			return tables[i];
	return NULL;
}

static bool is_known(const struct qk_sim *sim, const struct qk_sim_handler *handler,
		     const struct qk_message *request)
{
	return qk_sim_vendor_known(sim->profile, request->vendor) &&
	       (!handler->known || handler->known(sim->profile));
}

static const struct qk_sim_handler *find_handler(const struct qk_sim *sim,
						 const struct qk_method *method)
{
	const struct qk_sim_service_table *table =
		method ? qk_sim_table((uint8_t)method->request->service) : NULL;

	const char *name = table ? qk_message_name(method->request) : NULL;

	for (size_t i = 0; table && i < table->handler_count; i++)
		if (!strcmp(table->handlers[i].method, name))
			return is_known(sim, &table->handlers[i], method->request)
				       ? &table->handlers[i]
				       : NULL;
	return NULL;
}

/* Which bit of the bitmap is one message: false for those that have none (0xff00 of CTL). */
static bool set_bit(uint8_t *bits, size_t size, uint16_t message)
{
	if (message / 8u >= size)
		return false;
	bits[message / 8u] |= (uint8_t)(1u << message % 8);
	return true;
}

/* The bitmap of a service's messages: bit N % 8 of byte N / 8 stands for message N. */
static struct qk_bytes supported_messages(struct qk_sim *sim, uint8_t service)
{
	const struct qk_service *s = qk_service_by_id(qk_sim_service_id(service));
	uint16_t last = 0;

	for (size_t i = 0; s && i < s->method_count; i++) {
		uint16_t id = s->methods[i].request->id;

		if (id > last && find_handler(sim, &s->methods[i]))
			last = id;
	}
	size_t size = last / 8u + 1;
	uint8_t *bits = qk_arena_take(&sim->arena, size);
	if (!bits)
		return (struct qk_bytes){ 0 };
	for (size_t i = 0; s && i < s->method_count; i++)
		if (find_handler(sim, &s->methods[i]))
			set_bit(bits, size, s->methods[i].request->id);
	return (struct qk_bytes){ bits, size };
}

uint16_t qk_sim_error_of(int r, const struct qk_sim_error *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].r == r)
			return rows[i].error;
	return r < 0 ? QK_ERROR_INTERNAL : QK_ERROR_NONE;
}

uint16_t qk_sim_get_supported_messages(struct qk_sim_call *call)
{
	struct qk_bytes list = supported_messages(call->sim, call->service);
	uint8_t *response = call->response;

	if (!list.size)
		return QK_ERROR_NO_MEMORY;
	/* each service has a struct of its own for this, with one field of bytes */
	for (size_t i = 0; i < call->message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &call->message->tlvs[i];
		if (tlv->field.kind != QK_KIND_BYTES)
			continue;
		response[tlv->has] = true;
		memcpy(response + tlv->field.offset, &list, sizeof(list));
	}
	return QK_ERROR_NONE;
}

int qk_sim_encode(struct qk_sim *sim, const struct qk_message *message, const void *value,
		  uint8_t client, uint16_t transaction)
{
	struct qk_writer writer = qk_writer(sim->output, sizeof(sim->output));
	struct qk_frame frame = {
		.service = qk_sim_service_byte(message->service),
		.client = client,
		.type = message->type,
		.from_modem = true,
		.transaction = transaction,
		.message = message->id,
	};
	size_t mark = qk_frame_begin(&writer, &frame);
	int r = qk_encode(message, value, &writer);

	return r < 0 ? r : qk_frame_end(&writer, mark);
}

void qk_sim_answer_result(struct qk_sim_port *port, const struct qk_frame *request, uint16_t error)
{
	struct qk_sim *sim = port->sim;
	struct qk_writer writer = qk_writer(sim->output, sizeof(sim->output));
	struct qk_frame frame = *request;

	frame.type = QK_RESPONSE;
	frame.from_modem = true;
	frame.tlvs = (struct qk_span){ 0 };
	size_t mark = qk_frame_begin(&writer, &frame);
	size_t tlv = qk_write_tlv_begin(&writer, RESULT_TLV);
	qk_write_uint(&writer, error ? QK_RESULT_STATUS_FAILURE : QK_RESULT_STATUS_SUCCESS, 2,
		      false);
	qk_write_uint(&writer, error, 2, false);
	qk_write_tlv_end(&writer, tlv);
	int size = qk_sim_recorded(sim, request, qk_frame_end(&writer, mark));
	if (size > 0)
		qk_sim_answer(port, request, (size_t)size);
}

static uint16_t refusal(const struct qk_sim *sim, const struct qk_frame *frame)
{
	for (size_t i = 0; i < sim->profile->refusal_count; i++)
		if (sim->profile->refusals[i].service == frame->service &&
		    sim->profile->refusals[i].message == frame->message)
			return sim->profile->refusals[i].error;
	return QK_ERROR_NONE;
}

/* Reads the request's TLVs into `request`; the QMI error for what is wrong with them. */
static uint16_t read_request(struct qk_sim *sim, const struct qk_message *message,
			     const struct qk_frame *frame, void *request)
{
	int r = qk_decode(message, frame->tlvs, &sim->arena, request);

	if (r == -EBADMSG)
		return QK_ERROR_MALFORMED_MESSAGE;
	if (r < 0)
		return QK_ERROR_NO_MEMORY;
	const struct qk_extras *extras = request;
	for (size_t i = 0; i < extras->count; i++)
		if (extras->items[i].kind == QK_EXTRA_MALFORMED)
			return QK_ERROR_MALFORMED_MESSAGE;
	if (qk_missing_tlv(message, request) >= 0)
		return QK_ERROR_MISSING_ARGUMENT;
	return QK_ERROR_NONE;
}

static const char bad_text[] = "\xff\xfe\x80qmikit\xc3";

/* Puts bytes that are not UTF-8 into the first text of the answer, looking into structs. */
static bool spoil_text(const struct qk_field *field, void *value)
{
	if (field->flags & QK_FIELD_LIST)
		return false;
	if (field->kind == QK_KIND_STRING) {
		struct qk_string *text = value;
		size_t size = field->fixed ? field->fixed : sizeof(bad_text) - 1;
		if (field->max && size > field->max)
			size = field->max;
		if (size > sizeof(bad_text) - 1)
			return false;
		*text = (struct qk_string){ bad_text, size };
		return true;
	}
	size_t count;
	const struct qk_field *member = qk_field_members(field, &count);
	for (; count; count--, member++)
		if (spoil_text(member, (uint8_t *)value + member->offset))
			return true;
	return false;
}

static void spoil_response(const struct qk_message *message, void *response)
{
	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];
		if (*((bool *)response + tlv->has) &&
		    spoil_text(&tlv->field, (uint8_t *)response + tlv->field.offset))
			return;
	}
}

static uint16_t fill_response(struct qk_sim_call *call, const struct qk_method *method,
			      const struct qk_sim_handler *handler)
{
	struct qk_sim *sim = call->sim;

	if (handler)
		return handler->fn(call);
	if (qk_sim_seeded_fill(method->response, sim->state.seed, sim->profile->presence_percent,
			       &sim->arena, call->response) < 0)
		return QK_ERROR_NO_MEMORY;
	if (call->client)
		qk_sim_seeded_tell(call, method);
	return QK_ERROR_NONE;
}

static void run(struct qk_sim_call *call, const struct qk_frame *frame,
		const struct qk_method *method, const struct qk_sim_handler *handler)
{
	struct qk_sim *sim = call->sim;
	struct qk_response *response = call->response;
	struct qk_sim_fault fault;

	call->message = method->response;
	call->frame = frame;
	uint16_t error = read_request(sim, method->request, frame, (void *)call->request);

	if (!call->again && qk_sim_take_fault(sim, QK_SIM_FAULT_ERROR, frame, &fault))
		error = (uint16_t)fault.value;
	if (!error)
		error = fill_response(call, method, handler);
	if (error == QK_SIM_LATER)
		return;
	response->has_result = true;
	response->result.status = error ? QK_RESULT_STATUS_FAILURE : QK_RESULT_STATUS_SUCCESS;
	response->result.error = error;
	if (qk_sim_take_fault(sim, QK_SIM_FAULT_TEXT, frame, &fault))
		spoil_response(method->response, call->response);
	int size = qk_sim_encode(sim, method->response, call->response, frame->client,
				 frame->transaction);
	size = qk_sim_recorded(sim, frame, size);
	if (size > 0)
		qk_sim_answer(call->port, frame, (size_t)size);
	else
		qk_sim_answer_result(call->port, frame, QK_ERROR_INTERNAL);
	/* a handler that has refused has promised nothing */
	qk_sim_send_owed(sim, error ? NULL : call->port);
}

/* Finds who answers; the QMI error when nobody does. */
static uint16_t find_method(struct qk_sim *sim, const struct qk_frame *frame,
			    const struct qk_method **ret_method,
			    const struct qk_sim_handler **ret_handler)
{
	const struct qk_sim_service_table *table = qk_sim_table((uint8_t)frame->service);
	bool seeded = sim->profile->seeded && frame->service != QK_SERVICE_CTL &&
		      !(table && table->always);
	const struct qk_method *method =
		qk_method_by_id(qk_sim_service_id(frame->service), frame->message);

	if (!method)
		method = qk_sim_vendor_method(sim, frame);
	*ret_handler = seeded ? NULL : find_handler(sim, method);
	*ret_method = seeded || *ret_handler ? method : NULL;
	if (refusal(sim, frame))
		return refusal(sim, frame);
	return *ret_method ? QK_ERROR_NONE : QK_ERROR_INVALID_QMI_COMMAND;
}

static uint16_t check_client(struct qk_sim_call *call, const struct qk_frame *frame)
{
	if (frame->service == QK_SERVICE_CTL)
		return frame->client ? QK_ERROR_INVALID_CLIENT_ID : QK_ERROR_NONE;
	call->client = qk_sim_client_find(call->sim, frame->service, frame->client);
	if (!call->client)
		return QK_ERROR_INVALID_CLIENT_ID;
	if (!call->again)
		call->client->port = call->port;
	return QK_ERROR_NONE;
}

static void serve(struct qk_sim_call *call, const struct qk_frame *frame)
{
	struct qk_sim *sim = call->sim;
	const struct qk_method *method;
	const struct qk_sim_handler *handler;

	uint16_t error = check_client(call, frame);
	if (error && sim->profile->unknown_client_silent)
		return;
	sim->arena.used = 0;
	if (!error)
		error = find_method(sim, frame, &method, &handler);
	if (error) {
		qk_sim_answer_result(call->port, frame, error);
		return;
	}
	call->request = qk_arena_take(&sim->arena, method->request->size);
	call->response = qk_arena_take(&sim->arena, method->response->size);
	if (!call->request || !call->response) {
		qk_sim_answer_result(call->port, frame, QK_ERROR_NO_MEMORY);
		return;
	}
	run(call, frame, method, handler);
}

void qk_sim_request(struct qk_sim_port *port, const struct qk_frame *frame)
{
	struct qk_sim_call call = { .sim = port->sim, .port = port, .service = frame->service };
	struct qk_sim_fault fault;

	if (!qk_sim_state_is_up(&port->sim->state) || frame->from_modem ||
	    frame->type != QK_REQUEST ||
	    qk_sim_take_fault(port->sim, QK_SIM_FAULT_QMI_SILENT, frame, &fault))
		return;
	serve(&call, frame);
	qk_sim_notify(port->sim);
}

void qk_sim_request_again(struct qk_sim *sim, const struct qk_sim_late *late)
{
	struct qk_sim_call call = {
		.sim = sim,
		.port = late->port,
		.service = late->frame.service,
		.again = true,
		.tag = late->tag,
	};

	if (qk_sim_state_is_up(&sim->state))
		serve(&call, &late->frame);
}
