package org.autotls.dns;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.autotls.TxtRecord;
import org.autotls.internal.JsonObject;

/**
 * TXT values at Hetzner, by an API token of the project with the right to read and write. This is the DNS of the Hetzner
 * Cloud API ({@code api.hetzner.cloud/v1/zones}); zones that are still in the old DNS console ({@code dns.hetzner.com}) have to
 * be moved first. Single values are added to a set and removed from it by the service itself.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Blocks for a few requests, each bounded by the endpoint's deadline.
 */
public final class HetznerRecords implements DnsRecords {

    /** The service itself. */
    public static final URI API = URI.create("https://api.hetzner.cloud/v1");

    private static final String NAME = "Hetzner Cloud";

    private final BearerApi api;

    /**
     * Makes a writer.
     *
     * @param token the API token
     * @param endpoint at {@link #API}, usually
     * @throws IllegalArgumentException if it cannot be a token
     */
    public HetznerRecords(String token, ApiEndpoint endpoint) {
        String checked = BearerApi.checkedToken(token, NAME);
        this.api = new BearerApi(new ApiClient(NAME, endpoint), () -> checked, "the API token");
    }

    @Override
    public String add(TxtRecord record) {
        String set = set(record);
        if (!has(set, record)) {
            Map<String, Object> body = Map.of("ttl", Txt.TTL, "records", records(record));
            String what = "adding TXT at " + record.name();
            ApiReply reply = api.post(set + "/actions/add_records", body);
            if (reply.isSuccess() || !has(set, record)) { // another process adds the same, or did just now
                checkAction(api.required(reply, what), what);
            }
        }
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        String set = set(record);
        if (has(set, record)) {
            String what = "removing TXT at " + record.name();
            api.found(api.post(set + "/actions/remove_records", Map.of("records", records(record))), what)
                    .ifPresent(reply -> checkAction(reply, what));
        }
    }

    /** Where it writes; no secret. */
    @Override
    public String toString() {
        return NAME + ", " + api;
    }

    private String set(TxtRecord record) {
        Zone zone = Zone.find(NAME, record.name(), this::zone);
        return "/zones/" + zone.id() + "/rrsets/" + BearerApi.encode(zone.relative(record.name())) + "/TXT";
    }

    private Optional<String> zone(String name) {
        return api.found(api.get("/zones/" + BearerApi.encode(name)), "looking for the zone " + name)
                .flatMap(found -> found.object("zone"))
                .flatMap(zone -> zone.number("id"))
                .map(String::valueOf);
    }

    private boolean has(String set, TxtRecord record) {
        return api
                .found(api.get(set), "reading TXT at " + record.name())
                .flatMap(found -> found.object("rrset"))
                .stream()
                .flatMap(rrset -> rrset.objects("records").stream())
                .anyMatch(entry -> Txt.unquote(entry.text("value").orElse("")).equals(record.value()));
    }

    private static List<Map<String, String>> records(TxtRecord record) {
        return List.of(Map.of("value", Txt.quote(record.value())));
    }

    /** The change itself is done a little later; that it is, propagation shows. */
    private static void checkAction(JsonObject reply, String what) {
        Optional<JsonObject> action = reply.object("action");
        if (action.flatMap(state -> state.text("status")).orElse("").equals("error")) {
            String why = action.flatMap(state -> state.object("error"))
                    .flatMap(error -> error.text("message"))
                    .orElse("no reason given");
            throw new IssueException(Kind.UNPROVED, what + ": " + NAME + " failed: " + Text.escape(why, 300));
        }
    }
}
