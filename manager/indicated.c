/*
 * Indicated: waits first, then asks, as the indication may come with the answer.
 */
#include "indicated.h"

enum { INDICATION_USEC = 10000000 };

static void take_answer(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct indicated *kind = about;

	(void)response;
	if (!error)
		return;
	operation_stop_waiting(op, kind->indication);
	if (kind->refused)
		kind->refused(op, error);
}

void indicated_ask(struct operation *operation, const struct indicated *kind, const void *request)
{
	operation_await(operation, &(struct awaited){ .service = kind->service,
						      .need = kind->need,
						      .message = kind->indication,
						      .take = kind->take,
						      .usec = INDICATION_USEC });
	operation_ask(operation,
		      &(struct question){ .service = kind->service,
					  .need = kind->refused ? OPERATION_TRIES : kind->need,
					  .method = kind->method,
					  .take = take_answer,
					  .about = kind,
					  .request = request });
}
