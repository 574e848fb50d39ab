/**
 * Automatic TLS for Spring Boot: what its lines have in common. Applications depend on a starter, and need of this package no
 * more than {@link org.autotls.spring.AutoTlsBuilderCustomizer}.
 */
@NullMarked
package org.autotls.spring;

import org.jspecify.annotations.NullMarked;
