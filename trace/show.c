/*
 * The verb show: a recording as text or as JSON, record by record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "print.h"
#include "reader.h"
#include "verbs.h"

static int show_all(struct reader *reader, struct pairing *pairing, const struct options *options,
		    struct printer *printer)
{
	struct pairing_request request;
	struct entry entry;
	int r;

	while ((r = reader_next(reader, &entry)) > 0) {
		entry_of_vendors(&entry, &options->vendors);
		int paired = pairing_see(pairing, &entry, &request);
		if (paired < 0)
			return paired;
		if (!filter_wants(&options->filter, &entry))
			continue;
		r = printer_show(printer, &entry, paired ? &request : NULL);
		if (r < 0)
			return r;
	}
	return r;
}

int qk_trace_show(int count, char **arguments)
{
	static const struct options_wanted wanted = { "show", "json follow unmask vendor filter",
						      "FILE [OPTION...]", 1, 1 };
	struct pairing *pairing = NULL;
	struct reader *reader;
	struct options options;
	int r = options_read(&wanted, count, arguments, &options);

	if (r)
		return r < 0 ? QK_TRACE_USAGE : 0;
	struct printer printer = { .out = stdout, .json = options.json, .unmask = options.unmask };
	r = reader_open(options.files[0], options.follow, &reader);
	if (r < 0) {
		fprintf(stderr, "error: %s: %s\n", options.files[0], strerror(-r));
		return QK_TRACE_FAILED;
	}
	r = pairing_new(&pairing);
	if (r == 0)
		r = show_all(reader, pairing, &options, &printer);
	int status = reader_report(reader, r);
	pairing_free(pairing);
	reader_close(reader);
	printer_done(&printer);
	return status;
}
