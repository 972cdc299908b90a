/*
 * Fuzz target: JSON that should be a message. The first two bytes choose the service and the
 * message, the rest is the text. What is taken must encode or be refused, and show as JSON again.
 */
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include <qmikit/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct work {
	alignas(max_align_t) uint8_t message[4096];
	alignas(max_align_t) uint8_t arena[65536];
	uint8_t wire[65536];
};

static const struct qk_message *choose(const uint8_t *data)
{
	const struct qk_service *const *services = qk_services();
	const struct qk_service *service;
	size_t count = 0;

	while (services[count])
		count++;
	service = services[data[0] % count];
	if (!service->method_count)
		return NULL;
	return data[1] & 0x80 ? service->methods[data[1] % service->method_count].request
			      : service->methods[data[1] % service->method_count].response;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qk_message *message = size > 2 ? choose(data) : NULL;
	json_t *json = message ? json_loadb((const char *)data + 2, size - 2, 0, NULL) : NULL;
	struct work *w = json ? malloc(sizeof(*w)) : NULL;
	struct qk_arena arena;
	struct qk_writer writer;
	char error[64];

	if (w) {
		arena = (struct qk_arena){ .base = w->arena, .size = sizeof(w->arena) };
		writer = qk_writer(w->wire, sizeof(w->wire));
		if (qk_from_json(message, json, &arena, w->message, error, sizeof(error)) == 0) {
			if (qk_encode(message, w->message, &writer) == 0 &&
			    !qk_writer_used(&writer) && json_object_size(json) > 1)
				abort();
			json_decref(qk_to_json(message, w->message));
		}
	}
	free(w);
	json_decref(json);
	return 0;
}
