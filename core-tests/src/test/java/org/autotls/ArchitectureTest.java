package org.autotls;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The direction of dependencies in core, and what only the classes that supply defaults may ask for. */
class ArchitectureTest {

    /** The root package's classes import nothing below it, but for the façade, whose whole point that is. */
    private static final String FACADE = "org.autotls.AutoTls";

    /** The façade's settings. */
    private static final String BUILDER = "org.autotls.AutoTlsBuilder";

    /** Those of them that say where certificates come from. */
    private static final String SOURCE_SETTINGS = "org.autotls.SourceSettings";

    /** The part of the façade that puts the parts together. */
    private static final String ASSEMBLY = "org.autotls.AutoTlsAssembly";

    /** The parts of it that serve what is stored. */
    private static final String SERVED_STORE = "org.autotls.ServedStore";

    private static final String INDEX_FEED = "org.autotls.IndexFeed";
    private static final String DEFAULT_FOLLOWER = "org.autotls.DefaultFollower";

    /** The part of it that is about ACME CAs. */
    private static final String ACME_ASSEMBLY = "org.autotls.AcmeAssembly";

    /** The part of the façade that tells what would fail. */
    private static final String DOCTOR = "org.autotls.AutoTlsDoctor";

    /** The part of the façade that waits for its server. */
    private static final String START = "org.autotls.IssuingStart";

    private static final String ROOT = "org.autotls";
    private static final String INTERNAL = "org.autotls.internal..";
    private static final JavaClasses CORE =
            new ClassFileImporter().withImportOption(ArchitectureTest::isCore).importPackages(ROOT);

    /** Core's classes are in a folder when the reactor compiles, and in a jar after {@code package}. */
    private static boolean isCore(Location location) {
        return ImportOption.Predefined.DO_NOT_INCLUDE_TESTS.includes(location)
                && (location.contains("/core/target/classes/") || location.contains("/autotls-core-"));
    }

    private static DescribedPredicate<JavaClass> facade() {
        return describe(
                "the façade",
                type -> Stream.of(
                                FACADE,
                                BUILDER,
                                SOURCE_SETTINGS,
                                ASSEMBLY,
                                SERVED_STORE,
                                INDEX_FEED,
                                DEFAULT_FOLLOWER,
                                ACME_ASSEMBLY,
                                DOCTOR,
                                START)
                        .anyMatch(name ->
                                type.getName().equals(name) || type.getName().startsWith(name + "$")));
    }

    /** Http01Server measures how long a socket it blocks on may take: no clock that a test could move ends that read. */
    private static final DescribedPredicate<JavaClass> SUPPLIES_DEFAULTS =
            belongToAnyOf(SystemScheduler.class, IssuingServiceBuilder.class, org.autotls.responder.Http01Server.class);

    @Test
    void core_isWhatIsLookedAt() {
        assertThat(CORE.contain(IssuingService.class)).isTrue();
        assertThat(CORE.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void rootPackage_importsNoOtherPackageOfCore() {
        check(noClasses()
                .that(resideInAPackage(ROOT))
                .and(DescribedPredicate.not(facade()))
                .should()
                .dependOnClassesThat(resideInAPackage("org.autotls..")
                        .and(DescribedPredicate.not(resideInAnyPackage(ROOT, INTERNAL)))));
    }

    @Test
    void nothing_importsTheFacade_butTheEndpointStrings() {
        check(noClasses()
                .that(resideInAPackage("org.autotls.."))
                .and(DescribedPredicate.not(facade()))
                .and(DescribedPredicate.not(resideInAPackage("org.autotls.endpoint..")))
                .should()
                .dependOnClassesThat(facade()));
    }

    @Test
    void tls_importsNeitherAcmeNorStores() {
        check(noClasses()
                .that(resideInAPackage("org.autotls.tls.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.autotls.acme..", "org.autotls.ca..", "org.autotls.store..", "org.autotls.responder..")));
    }

    @Test
    void acme_knowsNeitherStoresNorServers() {
        check(noClasses()
                .that(resideInAnyPackage("org.autotls.acme..", "org.autotls.ca.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.autotls.store..", "org.autotls.tls..", "org.autotls.endpoint..", "com.sun.net.."))
                .orShould()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "the store of bundles", type -> type.isEquivalentTo(CertificateStore.class))));
    }

    @Test
    void responders_importOfTlsTheChallengeCertificatesOnly() {
        check(noClasses()
                .that(resideInAPackage("org.autotls.responder.."))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("org.autotls.acme..", "org.autotls.store..", "org.autotls.endpoint..")
                                .or(resideInAPackage("org.autotls.tls..")
                                        .and(DescribedPredicate.not(
                                                belongToAnyOf(org.autotls.tls.ChallengeCertificates.class))))));
    }

    @Test
    void M1_handshakeCode_hasNoPathToAStore() {
        check(noClasses()
                .that(resideInAPackage("org.autotls.tls.."))
                .should()
                .dependOnClassesThat(belongToAnyOf(
                        CertificateStore.class, StateStore.class, StoreWatch.class, IssuingService.class)));
    }

    @Test
    void internal_importsOfTheRootPackageValuesOnly() {
        check(noClasses()
                .that(resideInAPackage(INTERNAL))
                .should()
                .dependOnClassesThat(
                        belongToAnyOf(IssuingService.class, CertificateStore.class, Issuer.class, Responder.class)
                                .or(resideInAPackage("org.autotls..")
                                        .and(DescribedPredicate.not(resideInAnyPackage(ROOT, INTERNAL))))));
    }

    @Test
    void packagesBelowTheRoot_haveNoCycles() {
        slices().matching("org.autotls.(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(CORE);
    }

    @Test
    void timeAndChance_comeInThroughConstructors() {
        check(noClasses()
                .that(DescribedPredicate.not(SUPPLIES_DEFAULTS))
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callConstructor(Random.class, long.class)
                .orShould()
                .callConstructor(java.util.Date.class)
                .orShould()
                .callMethodWhere(describe(
                        "asks a system clock",
                        call -> call.getTargetOwner().isEquivalentTo(Clock.class)
                                && call.getName().startsWith("system"))));
    }

    @Test
    void output_goesToTheLog() {
        check(noClasses()
                .should()
                .accessFieldWhere(describe("is System.out or System.err", ArchitectureTest::isSystemStream))
                .orShould()
                .callMethod(Throwable.class, "printStackTrace"));
    }

    private static boolean isSystemStream(JavaAccess<?> access) {
        return access.getTargetOwner().isEquivalentTo(System.class)
                && Set.of("out", "err").contains(access.getName());
    }

    @Test
    void statics_areFinal() {
        check(fields().that().areStatic().should().beFinal());
    }

    @Test
    void statics_holdNoMutableState() {
        check(fields().that()
                .areStatic()
                .should()
                .notHaveRawType(describe(
                        "a kind of map, queue or atomic that is made to be changed",
                        type -> type.getPackageName().startsWith("java.util.concurrent")
                                && !type.getName().equals("java.util.concurrent.TimeUnit"))));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CORE);
    }
}
