/*
 * Probe: the question is one that every modem answers, on a client that may have to be allocated first.
 */
#include "probe.h"

#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "log.h"
#include "modem.h"
#include "operation.h"

enum { SECOND_USEC = 1000000, FIRST_USEC = 5 * SECOND_USEC, LAST_USEC = 60 * SECOND_USEC };

static void allocate(struct operation *op)
{
	operation_allocate(op, QK_SERVICE_ID_DMS, OPERATION_NEEDS);
}

/* A refusal is an answer. */
static void ask(struct operation *op)
{
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_DMS,
				  .need = OPERATION_TRIES,
				  .method = &qk_dms_get_operating_mode_method,
			  });
}

static const struct step steps[] = {
	{ "allocate a client", allocate },
	{ "ask for a sign of life", ask },
};

static void on_answer(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)userdata;
	if (modem->leaving)
		return;
	if (failure)
		probe_begin(modem);
	else
		modem->host->gone(modem, "answers again", 0, modem->host->userdata);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct modem *modem = userdata;

	(void)source, (void)usec;
	if (operation_start(modem, OPERATION_ASIDE, steps, sizeof(steps) / sizeof(steps[0]),
			    on_answer, NULL) < 0)
		probe_begin(modem);
	return 0;
}

void probe_begin(struct modem *modem)
{
	uint64_t usec = (uint64_t)FIRST_USEC << (modem->probes < 8 ? modem->probes : 8);

	modem->probes++;
	probe_end(modem);
	if (sd_event_add_time_relative(modem->event, &modem->probe_timer, CLOCK_MONOTONIC,
				       usec < LAST_USEC ? usec : LAST_USEC, 0, on_time, modem) < 0)
		modem_log_at(modem, LOG_WARNING, "out of memory: it is not asked again");
}

void probe_end(struct modem *modem)
{
	modem->probe_timer = sd_event_source_disable_unref(modem->probe_timer);
}
