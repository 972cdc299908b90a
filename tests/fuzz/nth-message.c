/*
 * Nth message (see nth-message.h).
 */
#include "nth-message.h"

/* The `*index`-th of a service's messages; takes away from `*index` what it has. */
static const struct qk_message *nth_of(const struct qk_service *service, size_t *index)
{
	if (*index < service->method_count * 2)
		return *index % 2 ? service->methods[*index / 2].response
				  : service->methods[*index / 2].request;
	*index -= service->method_count * 2;
	if (*index < service->indication_count)
		return service->indications[*index];
	*index -= service->indication_count;
	return NULL;
}

const struct qk_message *nth_message(size_t index)
{
	const struct qk_message *message = NULL;

	for (const struct qk_service *const *s = qk_services(); *s && !message; s++)
		message = nth_of(*s, &index);
	return message;
}
