/*
 * UIM, refresh: who hears that files of the card have changed (see refresh.h). A client has said of which files, or
 * of all.
 */
#include <string.h>

#include "refresh.h"
#include "uim.h"

static bool same_path(const struct qk_sim_path *a, const struct qk_sim_path *b)
{
	return a->count == b->count && !memcmp(a->ids, b->ids, a->count * sizeof(a->ids[0]));
}

/* Files that the card has not got are SimFileNotFound, more than there is room for InsufficientResources [U]. A new
 * list takes the place of the one before. */
uint16_t qk_sim_uim_refresh_register(struct qk_sim_call *call)
{
	const struct qk_uim_refresh_register_request *request = call->request;
	struct qk_sim_uim_client files = { 0 };

	if (!qk_sim_card_answers(&call->sim->state.card))
		return QK_ERROR_UIM_UNINITIALIZED;
	if (request->info.files.count > QK_SIM_UIM_FILES_MAX)
		return QK_ERROR_INSUFFICIENT_RESOURCES;
	for (size_t i = 0; i < request->info.files.count; i++) {
		const struct qk_uim_file wanted = { request->info.files.items[i].file_id,
						    request->info.files.items[i].path };
		const struct qk_sim_file *file = qk_sim_uim_find(call, &wanted);

		if (!file)
			return QK_ERROR_SIM_FILE_NOT_FOUND;
		files.files[files.count++] = file->path;
	}
	if (!request->info.register_flag)
		files.count = 0;
	files.session = request->session.session_type;
	call->client->uim = files;
	qk_sim_watch(call->client, QK_SIM_WATCH_REFRESH_FILES, true, files.count);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_uim_refresh_register_all(struct qk_sim_call *call)
{
	const struct qk_uim_refresh_register_all_request *request = call->request;

	if (!qk_sim_card_answers(&call->sim->state.card))
		return QK_ERROR_UIM_UNINITIALIZED;
	call->client->uim.session = request->session.session_type;
	qk_sim_watch(call->client, QK_SIM_WATCH_REFRESH_ALL, true, request->info.register_flag);
	return QK_ERROR_NONE;
}

/* Said when nothing waits for it, it is taken too [U]. */
uint16_t qk_sim_uim_refresh_complete(struct qk_sim_call *call)
{
	const struct qk_uim_refresh_complete_request *request = call->request;

	if (!qk_sim_card_answers(&call->sim->state.card))
		return QK_ERROR_UIM_UNINITIALIZED;
	qk_sim_refresh_end(&call->sim->state, request->info.refresh_success);
	return QK_ERROR_NONE;
}

/* One that names no file is about all. */
static bool hears(const struct qk_sim_client *client, const struct qk_sim_path *file)
{
	bool any = !file->count || client->watch & QK_SIM_WATCH_REFRESH_ALL;

	for (size_t i = 0; i < client->uim.count && !any; i++)
		any = same_path(&client->uim.files[i], file);
	return any;
}

bool qk_sim_uim_refresh_news(struct qk_sim *sim, const struct qk_sim_client *client,
			     void *indication)
{
	struct qk_uim_refresh_indication *news = indication;
	const struct qk_sim_refresh *refresh = &sim->state.refresh;
	const struct qk_sim_path *path = &refresh->file;
	struct qk_uim_refresh_file *file = qk_arena_take(&sim->arena, sizeof(*file));
	uint8_t *bytes = qk_arena_take(&sim->arena, 2 * QK_SIM_PATH_MAX);

	if (!file || !bytes || !hears(client, path))
		return false;
	for (size_t i = 0; i + 1 < path->count; i++) {
		bytes[2 * i] = (uint8_t)path->ids[i];
		bytes[2 * i + 1] = (uint8_t)(path->ids[i] >> 8);
	}
	if (path->count)
		*file = (struct qk_uim_refresh_file){ path->ids[path->count - 1],
						      { bytes, 2u * (path->count - 1) } };
	news->has_event = true;
	news->event.stage = refresh->stage;
	news->event.mode = refresh->mode;
	news->event.session_type = client->uim.session;
	news->event.files.items = file;
	news->event.files.count = path->count ? 1 : 0;
	return true;
}
