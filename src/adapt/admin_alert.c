#include "adapt/admin_state.h"
#include "base/assert.h"
#include "base/str.h"

struct fr_admin_job *fr_admin_alert_test(struct fr_admin_host *host, struct MHD_Connection *mhd, struct fr_admin_reply *r)
{
	struct fr_admin *a = host->admin;
	char channel[FR_NAME_MAX];

	if (!fr_admin_param(mhd, "channel", channel, sizeof(channel), r))
		return NULL;
	if (!a->ports.alert_test(a->ports.ctx, fr_str_of(channel))) {
		fr_admin_problem(r, MHD_HTTP_NOT_FOUND, "No such channel",
				 "channel is the name of one under alerts.channels in the configuration.");
		return NULL;
	}
	r->type = "application/json";
	FR_ASSERT(fr_buf_add_text(&r->body, "{\"channel\":") == FR_OK && fr_buf_add_json(&r->body, fr_str_of(channel)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"detail\":\"A test is raised. Whether the channel accepts it, the log and "
					    "frugald_alert_delivery_failures_total tell.\"}\n") == FR_OK);
	return NULL;
}
