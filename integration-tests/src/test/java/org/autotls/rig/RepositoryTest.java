package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must be true of the files of this repository, whatever they say. */
class RepositoryTest {

    private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>(.*?)</dependency>");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");

    /** Hosts that packages are fetched from: which one is the business of the machine, not of the project. */
    private static final Pattern REGISTRY =
            Pattern.compile("://(repo|deb|registry|ftp|snapshot)[0-9]*\\.[a-z.]*(maven|npmjs|debian)");

    private static final Pattern OUTSIDE = Pattern.compile("\\.\\./shared|/work/");
    private static final Pattern AUTHOR = Pattern.compile("(?m)^\\s*\\*\\s*@author");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TODO|FIXME|XXX)\\b");
    private static final Pattern SLEEPING = Pattern.compile("Thread\\.sleep\\(|@Disabled|@Ignore");

    @Test
    void links_leadToFilesAndHeadingsThatExist() {
        List<String> broken = new ArrayList<>();
        for (Path page : filesNamed(name -> name.endsWith(".md"))) {
            Matcher link = LINK.matcher(FENCED.matcher(Repository.read(page)).replaceAll(""));
            while (link.find()) {
                if (!link.group(1).contains("://") && !leadsSomewhere(page, link.group(1))) {
                    broken.add(page.getFileName() + ": " + link.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void files_nameNothingOutsideAndNoRegistry() {
        assertThat(places(name -> true, REGISTRY)).isEmpty();
        assertThat(places(name -> !name.equals("RepositoryTest.java"), OUTSIDE)).isEmpty();
    }

    @Test
    void sources_haveNoAuthorsNothingLeftForLaterAndNoSleepingTests() {
        Predicate<String> java = name -> name.endsWith(".java") && !name.equals("RepositoryTest.java");
        assertThat(places(java, AUTHOR)).isEmpty();
        assertThat(places(java, UNFINISHED)).isEmpty();
        assertThat(places(java, SLEEPING)).isEmpty();
    }

    @Test
    void runTimeDependencies_areAllNamedWithTheirReason() {
        String page = Repository.read(Repository.root().resolve("docs/dependencies.md"));
        List<String> unexplained = Stream.of(
                        "core", "netty", "conscrypt", "dns-rfc2136", "dns-providers", "names", "cli")
                .flatMap(module -> runTimeDependencies(Repository.root().resolve(module + "/pom.xml")))
                .filter(artifact -> !page.contains(artifact))
                .toList();
        assertThat(unexplained).isEmpty();
    }

    /** Some of ours and some of the server's is what Maven would make of both: the nearest of each artifact. */
    @Test
    void modulesForServersOnNetty_leaveNettyToTheServer() {
        List<String> mixing = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (Path pom : filesNamed(name -> name.equals("pom.xml"))) {
            String module = Repository.root().relativize(pom.getParent()).toString();
            if (Set.of("", "benchmarks", "bom", "cli").contains(module) || module.startsWith("examples/")) {
                continue; // what others do not depend on may mix what it likes
            }
            DEPENDENCY
                    .matcher(Repository.read(pom))
                    .results()
                    .map(found -> found.group(1))
                    .forEach(dependency -> {
                        if (dependency.contains("<artifactId>autotls-netty</artifactId>")
                                && !dependency.contains("<scope>test</scope>")) {
                            seen.add(module);
                            if (!dependency.matches("(?s).*<exclusion>.*<groupId>(io\\.netty|\\*)</groupId>.*")) {
                                mixing.add(module);
                            }
                        }
                    });
        }
        assertThat(seen).contains("armeria", "reactor-netty", "vertx");
        assertThat(mixing).isEmpty();
    }

    private static Stream<String> runTimeDependencies(Path pom) {
        return DEPENDENCY
                .matcher(Repository.read(pom))
                .results()
                .map(found -> found.group(1))
                .filter(dependency -> !dependency.matches("(?s).*<scope>(provided|test)</scope>.*"))
                .map(dependency -> dependency.replaceAll("(?s).*?<artifactId>(.*?)</artifactId>.*", "$1"))
                .filter(artifact -> !artifact.startsWith("autotls-"));
    }

    private static boolean leadsSomewhere(Path page, String target) {
        String file = target.replaceAll("#.*", "");
        Path to = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(to) || !to.startsWith(Repository.root())) {
            return false;
        }
        return !target.contains("#") || anchors(to).contains(target.replaceAll(".*#", ""));
    }

    /** As the usual renderers make them: lower case, spaces to hyphens, punctuation dropped. */
    private static Set<String> anchors(Path page) {
        return HEADING.matcher(Repository.read(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> places(Predicate<String> names, Pattern unwanted) {
        Map<String, String> found = new TreeMap<>();
        for (Path file : filesNamed(name -> names.test(name) && isText(name))) {
            Matcher matcher = unwanted.matcher(Repository.read(file));
            if (matcher.find()) {
                found.put(Repository.root().relativize(file).toString(), matcher.group());
            }
        }
        return found;
    }

    private static List<Path> filesNamed(Predicate<String> names) {
        return Repository.files().stream()
                .filter(file -> names.test(file.getFileName().toString()))
                .toList();
    }

    private static boolean isText(String name) {
        return !name.matches(".*\\.(gz|br|png|ico|jar|class|zst)");
    }
}
