@NullMarked
package org.autotls.acme;

import org.jspecify.annotations.NullMarked;
