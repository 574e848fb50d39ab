package org.autotls.dns;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.TxtRecord;
import org.autotls.dns.WholeSet.Values;
import org.autotls.internal.JsonObject;

/**
 * TXT values at Google Cloud DNS (API v1), by a service account with the role DNS Administrator, or the rights {@code
 * dns.managedZones.list}, {@code dns.resourceRecordSets.*} and {@code dns.changes.create}. Private zones are not looked at.
 *
 * <p>All values of a name are one set there. A change names the set that it deletes, which Google refuses if the set is
 * another by then.
 *
 * <p><b>Threads.</b> Safe for many threads. Blocks for a few requests, each bounded by the endpoint's deadline.
 */
public final class GoogleCloudRecords implements DnsRecords {

    /** The service itself. */
    public static final URI API = URI.create("https://dns.googleapis.com/dns/v1");

    private static final String NAME = "Google Cloud DNS";

    private final ServiceAccount account;
    private final BearerApi api;
    private final WholeSet sets = new WholeSet(NAME, new Calls());

    /**
     * Makes a writer for the zones of the account's project.
     *
     * @param account who writes
     * @param endpoint at {@link #API}, usually
     */
    public GoogleCloudRecords(ServiceAccount account, ApiEndpoint endpoint) {
        ApiClient client = new ApiClient(NAME, endpoint);
        this.account = account;
        this.api = new BearerApi(client, new GoogleToken(client, account), account.toString());
    }

    @Override
    public String add(TxtRecord record) {
        sets.add(record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        sets.remove(record);
    }

    /** Where it writes and as whom; no secret. */
    @Override
    public String toString() {
        return NAME + ", " + api;
    }

    private final class Calls implements WholeSet.Calls {

        @Override
        public Optional<String> zone(String name) {
            String query = "?dnsName=" + BearerApi.encode(name + ".");
            return api
                    .required(api.get(zones() + query), "looking for the zone " + name)
                    .objects("managedZones")
                    .stream()
                    .filter(zone -> zone.text("dnsName").orElse("").equals(name + "."))
                    .filter(zone -> !zone.text("visibility").orElse("public").equals("private"))
                    .flatMap(zone -> zone.text("name").stream())
                    .findFirst();
        }

        @Override
        public Values read(Zone zone, String name) {
            String query = "?name=" + BearerApi.encode(name + ".") + "&type=TXT";
            return api
                    .required(api.get(path(zone) + "/rrsets" + query), "reading TXT at " + name)
                    .objects("rrsets")
                    .stream()
                    .filter(set -> set.text("name").orElse("").equals(name + ".")
                            && set.text("type").orElse("").equals("TXT"))
                    .findFirst()
                    .map(Calls::values)
                    .orElse(Values.NONE);
        }

        private static Values values(JsonObject set) {
            return new Values(set.number("ttl").orElse((long) Txt.TTL), new LinkedHashSet<>(set.texts("rrdatas")));
        }

        @Override
        public boolean replace(Zone zone, String name, Values before, Values after) {
            Map<String, Object> change = new LinkedHashMap<>();
            change.put("deletions", sets(name, before));
            change.put("additions", sets(name, after));
            ApiReply reply = api.post(path(zone) + "/changes", change);
            if (isConflict(reply)) {
                return false;
            }
            api.required(reply, "changing TXT at " + name);
            return true;
        }

        /** 409: the set to add is there already. 404 and 412: the set to delete is not, or is another one. */
        private static boolean isConflict(ApiReply reply) {
            return reply.status() == 409 || reply.status() == 412 || reply.status() == 404;
        }

        private static List<Map<String, Object>> sets(String name, Values values) {
            return values.isEmpty()
                    ? List.of()
                    : List.of(Map.of("name", name + ".", "type", "TXT", "ttl", values.ttl(), "rrdatas", values.data()));
        }

        private String zones() {
            return "/projects/" + account.project() + "/managedZones";
        }

        private String path(Zone zone) {
            return zones() + "/" + BearerApi.encode(zone.id());
        }
    }
}
