package org.autotls.acme;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Link headers (RFC 8288), as far as ACME uses them. Stateless. */
final class Links {

    private static final Pattern LINK = Pattern.compile("<([^<>]{1,2000})>([^<>]{0,2000})");
    private static final Pattern RELATION =
            Pattern.compile(";\\s*rel\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;,\"]+))", Pattern.CASE_INSENSITIVE);

    private Links() {}

    /**
     * Finds the targets of one relation.
     *
     * @param answer whose headers
     * @param relation for example {@code alternate}
     * @param max how many are returned at most
     * @return URLs as they stand there, absolute or relative to the answer's URL
     */
    static List<String> of(Answer answer, String relation, int max) {
        List<String> found = new ArrayList<>();
        for (String header : answer.headers().allValues("Link")) {
            Matcher link = LINK.matcher(header);
            while (link.find() && found.size() < max) {
                if (isOf(relation, link.group(2))) {
                    found.add(link.group(1));
                }
            }
        }
        return found;
    }

    private static boolean isOf(String relation, String parameters) {
        Matcher matcher = RELATION.matcher(parameters);
        if (!matcher.find()) {
            return false;
        }
        String relations = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return List.of(relations.split("\\s+")).contains(relation);
    }
}
