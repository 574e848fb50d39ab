package org.autotls.doctor;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.autotls.Identifier;
import org.autotls.Text;

/** Would a CA find our answer at the name's addresses? As far as that can be seen from here. Stateless. */
final class ReachCheck {

    static final String NAME = "reach";

    /** Ports that a redirect may lead to (CA/Browser Forum, BR 3.2.2.4.19). */
    private static final Set<Integer> WEB_PORTS = Set.of(-1, 80, 443);

    private ReachCheck() {}

    /**
     * Judges.
     *
     * <p>The order of the decision: 1. no address can be reached from this machine at all; 2. none answers; 3. something
     * else answers where we should; 4. redirects; 5. some addresses do not answer: a CA may begin with those; 6. all is
     * well.
     *
     * @param results at least one, one for each address
     */
    static Finding judge(Identifier identifier, String type, PortUse use, List<ProbeResult> results) {
        String name = identifier.value();
        String where = type + ", port " + use.askedPort() + ": ";
        String all = where + shown(results);
        if (results.stream().allMatch(result -> result.kind() == ProbeResult.Kind.NO_WAY)) {
            return Finding.warning(NAME, name, all, "look from a machine that has a way there");
        }
        if (results.stream().allMatch(ProbeResult::isUnreachable)) {
            return Finding.problem(NAME, name, all, whyUnreachable(use, results));
        }
        boolean ours = use.state() == PortUse.State.OURS;
        List<ProbeResult> wrong = of(ProbeResult.Kind.OTHER, results);
        if (ours && !wrong.isEmpty()) {
            return Finding.problem(
                    NAME,
                    name,
                    where + shown(wrong),
                    "that is another machine or program: have the address records, or the forwarding of port "
                            + use.askedPort() + ", lead to this one");
        }
        List<ProbeResult> redirects = of(ProbeResult.Kind.REDIRECTED, results);
        if (!redirects.isEmpty()) {
            return redirected(identifier, where, redirects);
        }
        if (results.stream().anyMatch(ProbeResult::isUnreachable)) {
            return Finding.warning(
                    NAME,
                    name,
                    all,
                    "CAs try IPv6 first, and not all try the next address: open the port there, or remove that record");
        }
        return Finding.ok(NAME, name, ours ? all : all + "; our answer was not tried");
    }

    private static String whyUnreachable(PortUse use, List<ProbeResult> results) {
        boolean silent = results.stream().anyMatch(result -> result.kind() == ProbeResult.Kind.SILENT);
        if (silent) {
            return "let port " + use.askedPort()
                    + " through firewalls (security groups) and routers; a router may keep only"
                    + " its own network out: then look from outside";
        }
        return use.state() == PortUse.State.OURS
                ? "we listen here, so the address is another machine's, or port " + use.askedPort()
                        + " is not forwarded to this one: correct the address record or the forwarding"
                : "nothing listens there: start the server, or correct the address record";
    }

    private static Finding redirected(Identifier identifier, String where, List<ProbeResult> redirects) {
        boolean stays = redirects.stream().allMatch(result -> staysAt(identifier, result.detail()));
        return stays
                ? Finding.ok(
                        NAME,
                        identifier.value(),
                        where + shown(redirects) + "; a CA follows, so the answer has to be there, too")
                : Finding.warning(
                        NAME,
                        identifier.value(),
                        where + shown(redirects) + ", which was not followed",
                        "answer " + org.autotls.responder.Http01Responder.PATH_PREFIX
                                + " without a redirect: a CA asks on ports 80 and 443 only, and our answer is not elsewhere");
    }

    private static boolean staysAt(Identifier identifier, String location) {
        try {
            URI url = URI.create(location);
            String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            return Set.of("http", "https").contains(scheme)
                    && identifier.value().equalsIgnoreCase(url.getHost())
                    && WEB_PORTS.contains(url.getPort());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<ProbeResult> of(ProbeResult.Kind kind, List<ProbeResult> results) {
        return results.stream().filter(result -> result.kind() == kind).toList();
    }

    private static String shown(List<ProbeResult> results) {
        return Text.escape(results.stream().map(ProbeResult::toString).collect(Collectors.joining("; ")), 500);
    }
}
