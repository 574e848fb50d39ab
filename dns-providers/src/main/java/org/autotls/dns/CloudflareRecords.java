package org.autotls.dns;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.TxtRecord;
import org.autotls.dns.RecordByRecord.Found;

/**
 * TXT values at Cloudflare (API v4), by an API token with the rights Zone:Read and DNS:Edit for the zone; global API keys are
 * not taken.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Blocks for a few requests, each bounded by the endpoint's deadline.
 */
public final class CloudflareRecords implements DnsRecords {

    /** The service itself. */
    public static final URI API = URI.create("https://api.cloudflare.com/client/v4");

    private static final String NAME = "Cloudflare";
    private static final long IDENTICAL = 81058; // "an identical record already exists"

    private final BearerApi api;
    private final RecordByRecord records = new RecordByRecord(NAME, new Calls());

    /**
     * Makes a writer.
     *
     * @param token the API token
     * @param endpoint at {@link #API}, usually
     * @throws IllegalArgumentException if it cannot be a token
     */
    public CloudflareRecords(String token, ApiEndpoint endpoint) {
        String checked = BearerApi.checkedToken(token, NAME);
        this.api = new BearerApi(new ApiClient(NAME, endpoint), () -> checked, "the API token");
    }

    @Override
    public String add(TxtRecord record) {
        records.add(record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        records.remove(record);
    }

    /** Where it writes; no secret. */
    @Override
    public String toString() {
        return NAME + ", " + api;
    }

    private final class Calls implements RecordByRecord.Calls {

        @Override
        public Optional<String> zone(String name) {
            return api
                    .required(api.get("/zones?name=" + BearerApi.encode(name)), "looking for the zone " + name)
                    .objects("result")
                    .stream()
                    .filter(zone -> zone.text("name").orElse("").equals(name))
                    .flatMap(zone -> zone.text("id").stream())
                    .findFirst();
        }

        @Override
        public List<Found> records(Zone zone, String name) {
            String query = "?type=TXT&per_page=100&name=" + BearerApi.encode(name);
            return api.required(api.get(path(zone) + query), "reading TXT at " + name).objects("result").stream()
                    .filter(record -> record.text("name").orElse("").equals(name))
                    .map(record -> new Found(
                            record.text("id").orElse(""),
                            Txt.unquote(record.text("content").orElse(""))))
                    .toList();
        }

        @Override
        public void create(Zone zone, TxtRecord record) {
            ApiReply reply = api.post(
                    path(zone),
                    Map.of("type", "TXT", "name", record.name(), "content", Txt.quote(record.value()), "ttl", Txt.TTL));
            if (!isIdentical(reply)) {
                api.required(reply, "adding TXT at " + record.name());
            }
        }

        @Override
        public void delete(Zone zone, Found found) {
            api.found(api.delete(path(zone) + "/" + BearerApi.encode(found.id())), "removing TXT in " + zone.name());
        }

        private String path(Zone zone) {
            return "/zones/" + BearerApi.encode(zone.id()) + "/dns_records";
        }

        private boolean isIdentical(ApiReply reply) {
            return reply.status() == 400
                    && reply.jsonOrEmpty().map(json -> json.objects("errors")).orElse(List.of()).stream()
                            .map(error -> error.number("code").orElse(0L))
                            .anyMatch(code -> code == IDENTICAL);
        }
    }
}
